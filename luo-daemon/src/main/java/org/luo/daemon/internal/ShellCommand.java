// SPDX-License-Identifier: Apache-2.0
package org.luo.daemon.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.luo.Errno;
import org.luo.LuoException;
import org.luo.admin.AdminCommand;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;

/**
 * {@code shell.execute}: one line for the Gogo shell, if there is one.
 *
 * <p>Gogo is called by reflection, so that the daemon is not wired to it: it works without, and a shell can come and go.
 */
final class ShellCommand {
    private static final String PROCESSOR = "org.apache.felix.service.command.CommandProcessor";
    private static final String SESSION = "org.apache.felix.service.command.CommandSession";
    private static final int INSPECT = 0; // Converter.INSPECT
    private static final int MAX_OUTPUT = 4 << 20;

    private final Platform platform;

    ShellCommand(Platform platform) {
        this.platform = platform;
    }

    List<AdminCommand> all() {
        return List.of(new BuiltIn("shell.execute", "runs one line in the Gogo shell", List.of("line"), this::execute));
    }

    private Map<String, Object> execute(Map<String, Object> arguments) throws LuoException {
        String line = BuiltIn.text(arguments, "line");
        BundleContext context = platform.context();
        ServiceReference<?> reference = context.getServiceReference(PROCESSOR);
        Object processor = reference == null ? null : context.getService(reference);
        if (processor == null) {
            throw LuoException.of(Errno.EOPNOTSUPP, "shell.execute: no Gogo runtime is installed");
        }
        try {
            return Map.of("output", execute(processor, line));
        } catch (InvocationTargetException e) {
            Throwable cause = e.getCause();
            throw LuoException.of(
                    Errno.EINVAL, "shell: " + (cause.getMessage() == null ? cause : cause.getMessage()), e);
        } catch (ReflectiveOperationException e) {
            throw LuoException.of(Errno.EOPNOTSUPP, "shell.execute: this Gogo runtime is not known", e);
        } finally {
            context.ungetService(reference);
        }
    }

    private String execute(Object processor, String line) throws ReflectiveOperationException {
        ClassLoader gogo = processor.getClass().getClassLoader();
        ServiceRegistration<?> converter = BundleConverter.offer(platform.context(), gogo);
        Bounded output = new Bounded();
        try (PrintStream out = new PrintStream(output, true, StandardCharsets.UTF_8)) {
            Object session = gogo.loadClass(PROCESSOR)
                    .getMethod("createSession", InputStream.class, OutputStream.class, OutputStream.class)
                    .invoke(processor, InputStream.nullInputStream(), out, out);
            run(gogo.loadClass(SESSION), session, line, out);
        } finally {
            converter.unregister();
        }
        return output.text();
    }

    private static void run(Class<?> type, Object session, String line, PrintStream out)
            throws ReflectiveOperationException {
        try {
            Object result = type.getMethod("execute", CharSequence.class).invoke(session, line);
            if (result != null) {
                out.println(type.getMethod("format", Object.class, int.class).invoke(session, result, INSPECT));
            }
        } finally {
            type.getMethod("close").invoke(session);
        }
    }

    /** Keeps the first few MiB of what a command prints, and drops the rest. */
    private static final class Bounded extends OutputStream {
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();

        @Override
        public synchronized void write(int octet) {
            if (kept.size() < MAX_OUTPUT) {
                kept.write(octet);
            }
        }

        @Override
        public synchronized void write(byte[] bytes, int offset, int length) throws IOException {
            kept.write(bytes, offset, Math.min(length, MAX_OUTPUT - kept.size()));
        }

        synchronized String text() {
            return kept.toString(StandardCharsets.UTF_8);
        }
    }
}
