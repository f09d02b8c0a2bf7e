// SPDX-License-Identifier: Apache-2.0
package org.luo.workload.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.luo.Errno;
import org.luo.LuoException;

class RequestTest {
    private static final long AVAILABLE = 1L << 30;
    private static final long PAGE = 2L << 20;

    @Test
    void whatIsLeftOutHasADefault() throws LuoException {
        Request request = Request.parse(Map.of(), AVAILABLE, PAGE);
        assertThat(request.sessions()).extracting(Object::toString).containsExactly("vm1", "vm2");
        assertThat(request.files()).isEqualTo(64);
        assertThat(request.bytes()).isEqualTo(256L << 20);
        assertThat(request.sparse()).isFalse();
    }

    @Test
    void sizesDifferAndAddUp() throws LuoException {
        for (int files = 1; files < 70; files++) {
            for (long bytes : new long[] {0, 1, files, 4_096L * files + 3, 123_456_789}) {
                Request request = Request.parse(Map.of("files", (long) files, "bytes", bytes), AVAILABLE, PAGE);
                List<Long> sizes =
                        IntStream.range(0, files).mapToObj(request::size).toList();
                assertThat(sizes).allMatch(size -> size >= 0);
                assertThat(sizes.stream().mapToLong(Long::longValue).sum()).isEqualTo(bytes);
            }
        }
    }

    @Test
    void filesOfHugePagesHaveWholeOnes() throws LuoException {
        Request request = Request.parse(Map.of("files", 5L, "bytes", 5 * PAGE, "huge", 3L), AVAILABLE, PAGE);
        assertThat(IntStream.range(0, 5).filter(request::isHuge)).containsExactly(0, 1, 2);
        assertThat(IntStream.range(0, 5).mapToLong(request::size))
                .containsExactly(2 * PAGE, PAGE, 2 * PAGE, PAGE - 1626, PAGE);
        assertThat(request.hugePages()).isEqualTo(5);
        assertThat(request.total()).isEqualTo(7 * PAGE - 1626);
        Request empty = Request.parse(Map.of("files", 1L, "bytes", 0L, "huge", 1L), AVAILABLE, PAGE);
        assertThat(empty.size(0)).isEqualTo(PAGE);
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of(Map.of("files", -1L), Errno.EINVAL, "files"),
                Arguments.of(Map.of("files", 100_001L), Errno.EINVAL, "100000"),
                Arguments.of(Map.of("files", 1.5), Errno.EINVAL, "files"),
                Arguments.of(Map.of("files", "64"), Errno.EINVAL, "files"),
                Arguments.of(Map.of("bytes", -1L), Errno.EINVAL, "bytes"),
                Arguments.of(Map.of("bytes", AVAILABLE), Errno.ENOMEM, "memory"),
                Arguments.of(Map.of("bytes", 1L << 50, "sparse", true), Errno.EINVAL, "bytes"),
                Arguments.of(Map.of("sparse", 1L), Errno.EINVAL, "sparse"),
                Arguments.of(Map.of("seed", "x"), Errno.EINVAL, "seed"),
                Arguments.of(Map.of("huge", 65L), Errno.EINVAL, "0 to 64"),
                Arguments.of(Map.of("huge", true), Errno.EINVAL, "huge"),
                Arguments.of(Map.of("sessions", List.of()), Errno.EINVAL, "sessions"),
                Arguments.of(Map.of("sessions", "vm1"), Errno.EINVAL, "sessions"),
                Arguments.of(Map.of("sessions", List.of(1L)), Errno.EINVAL, "strings"),
                Arguments.of(Map.of("sessions", List.of("a", "a")), Errno.EINVAL, "twice"),
                Arguments.of(Map.of("sessions", List.of("")), Errno.EINVAL, "0 bytes"),
                Arguments.of(Map.of("sessions", List.of("x".repeat(64))), Errno.EINVAL, "64 bytes"),
                Arguments.of(Map.of("file", 1L), Errno.EINVAL, "no other"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void whatMakesNoSenseIsRefusedByName(Map<String, Object> arguments, Errno errno, String named) {
        assertThatThrownBy(() -> Request.parse(arguments, AVAILABLE, PAGE))
                .isInstanceOfSatisfying(
                        LuoException.class, e -> assertThat(e.errno()).isEqualTo(errno))
                .hasMessageContaining(named);
    }
}
