// SPDX-License-Identifier: Apache-2.0
package org.luo.deploy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;
import org.osgi.framework.BundleException;

/**
 * The folder whose jars are installed and started, in this process and, since they are still there, in its successor.
 *
 * <p>A jar whose symbolic name is that of a bundle from elsewhere takes that bundle's place, until it is deleted.
 * Thread-safe; changes wait for each other.
 */
@ProviderType
public interface DeployFolder {
    /** Where it is. */
    Path directory();

    /** Every jar that is there, and every one that has gone and whose bundle has not; in order of the names. A copy. */
    List<Deployment> deployments();

    /**
     * Installs or updates the bundle that a jar has, starts it, and puts a copy of the jar into the folder.
     *
     * <p>Undo: {@link #remove}. On throw the folder and the bundles are as before.
     *
     * @param jar a file anywhere
     * @return the bundle's id
     * @throws BundleException of type {@code REJECTED_BY_HOOK} if something is preserved that needs the bundle; of another
     *     type if the jar is no bundle, or its bundle does not start
     * @throws IOException if the jar can't be read, or the folder not be written
     */
    long deploy(Path jar) throws BundleException, IOException;

    /**
     * Uninstalls a bundle that is deployed and deletes its jar; one whose place it had taken comes back.
     *
     * @param bundle its id
     * @return false if it is not from this folder, and nothing was done
     * @throws BundleException as {@link #deploy}; nothing has changed then
     * @throws IOException if the jar can't be deleted: it will be installed again
     */
    boolean remove(long bundle) throws BundleException, IOException;

    /**
     * Takes over a bundle that was installed without this folder, and has taken the place of another: puts a copy of its
     * jar into the folder.
     *
     * @param bundle the id of a running bundle
     * @param jar what it was installed from
     * @throws BundleException if the jar is no bundle
     * @throws IOException if the jar can't be read, or the folder not be written
     */
    void keep(long bundle, Path jar) throws BundleException, IOException;
}
