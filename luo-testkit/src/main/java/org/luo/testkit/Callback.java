// SPDX-License-Identifier: Apache-2.0
package org.luo.testkit;

/** What can be asked of a plug-in; prints as the method's name. */
public enum Callback {
    /** {@link org.luo.spi.FileHandler#canPreserve}. */
    CAN_PRESERVE("canPreserve"),
    /** {@link org.luo.spi.FileHandler#identity}. */
    IDENTITY("identity"),
    /** Of a file handler or an FLB. */
    PRESERVE("preserve"),
    /** Of a file handler or an FLB. */
    UNPRESERVE("unpreserve"),
    /** {@link org.luo.spi.Subsystem#prepare}. */
    PREPARE("prepare"),
    /** {@link org.luo.spi.Subsystem#cancel}. */
    CANCEL("cancel"),
    /** Of a file handler, a door or a subsystem. */
    FREEZE("freeze"),
    /** Of a file handler or a door. */
    UNFREEZE("unfreeze"),
    /** Of a file handler or an FLB. */
    RETRIEVE("retrieve"),
    /** {@link org.luo.spi.FileHandler#crossedKernel}. */
    CROSSED_KERNEL("crossedKernel"),
    /** {@link org.luo.spi.FileHandler#outlivedCrash}. */
    OUTLIVED_CRASH("outlivedCrash"),
    /** {@link org.luo.spi.FileHandler#canFinish}. */
    CAN_FINISH("canFinish"),
    /** Of a file handler or an FLB. */
    FINISH("finish"),
    /** {@link org.luo.spi.FileHandler#rehearse}. */
    REHEARSE("rehearse"),
    /** {@link org.luo.handover.Door#open}. */
    OPEN("open"),
    /** {@link org.luo.handover.Door#close}. */
    CLOSE("close");

    private final String method;

    Callback(String method) {
        this.method = method;
    }

    @Override
    public String toString() {
        return method;
    }
}
