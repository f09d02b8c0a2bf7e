/**
 * The file handler ${compatible}: keeps named shared memory, files that were opened below a directory such as
 * {@code /dev/shm}. Start at {@link ${package}.${handler}Handler}.
 */
package ${package};
