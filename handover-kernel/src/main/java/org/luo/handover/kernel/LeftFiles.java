// SPDX-License-Identifier: Apache-2.0
package org.luo.handover.kernel;

import java.nio.file.Files;
import org.luo.linux.LiveUpdate;
import org.luo.spi.FileHandler;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Offers the {@link LeftHandler} where there may be files that were left behind: on a kernel that does live updates. */
@Component(
        immediate = true,
        service = {})
public final class LeftFiles {
    /** Called by Declarative Services; what is registered here ends with the bundle. */
    @Activate
    public LeftFiles(BundleContext context) {
        if (Files.exists(LiveUpdate.DEVICE)) {
            context.registerService(FileHandler.class, new LeftHandler(), null);
        }
    }
}
