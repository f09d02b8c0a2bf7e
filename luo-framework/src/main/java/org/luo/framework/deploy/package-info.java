// SPDX-License-Identifier: Apache-2.0
/**
 * The deploy folder: what lies in it runs. First class to read: {@link org.luo.framework.deploy.Deployer}.
 */
package org.luo.framework.deploy;
