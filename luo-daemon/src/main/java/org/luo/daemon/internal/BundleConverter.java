// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;

/**
 * Lets Gogo commands that take bundles, such as {@code stop}, be given ids or symbolic names. Gogo has that in its
 * interactive shell only, which a platform without a terminal does not install.
 */
final class BundleConverter {
    private static final String CONVERTER = "org.apache.felix.service.command.Converter";

    private BundleConverter() {}

    /**
     * Offers the converter to the Gogo runtime of this class loader.
     *
     * <p>Undo: unregister what is returned.
     */
    static ServiceRegistration<?> offer(BundleContext context, ClassLoader gogo) throws ClassNotFoundException {
        Class<?> type = gogo.loadClass(CONVERTER);
        InvocationHandler handler = (proxy, method, arguments) -> switch (method.getName()) {
            case "convert" -> arguments[0] == Bundle.class ? find(context, arguments[1].toString()) : null;
            case "hashCode" -> System.identityHashCode(proxy);
            case "equals" -> proxy == arguments[0];
            case "toString" -> "luo bundle converter";
            default -> null; // format: as it would be without
        };
        Object converter = Proxy.newProxyInstance(gogo, new Class<?>[] {type}, handler);
        return context.registerService(
                CONVERTER, converter, new Hashtable<>(Map.of("osgi.converter.classes", Bundle.class.getName())));
    }

    /** The one bundle of this id or symbolic name, or null. */
    static Bundle find(BundleContext context, String wanted) {
        List<Bundle> found = matching(context, wanted);
        return found.size() == 1 ? found.getFirst() : null;
    }

    /** The bundles of this id or symbolic name. */
    static List<Bundle> matching(BundleContext context, String wanted) {
        return Arrays.stream(context.getBundles())
                .filter(bundle ->
                        wanted.equals(bundle.getSymbolicName()) || wanted.equals(Long.toString(bundle.getBundleId())))
                .toList();
    }
}
