package ${package};

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/**
 * What can be configured, with its defaults. The configuration's PID is the name of the component's class, so the file
 * {@code ${package}.${handler}Handler.cfg} configures it.
 */
@ObjectClassDefinition(name = "${handler} handler", description = "Which files the handler ${compatible} keeps")
public @interface ${handler}Config {
    /** Only files below it are kept. */
    @AttributeDefinition(name = "Directory", description = "An absolute path; only files below it are kept")
    String directory() default "/dev/shm";

    /** Larger files are refused. */
    @AttributeDefinition(name = "Largest file", description = "In bytes; larger files are refused", min = "0")
    long maxBytes() default 1L << 40;
}
