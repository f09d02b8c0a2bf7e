#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compiles the preload library into target/native, or says why not. Reads CC.
cd "$(dirname "$0")" || exit
mkdir -p target/native
rm -f target/native/libluo-preload.so
for compiler in "${CC:-cc}" gcc clang; do
    if command -v "$compiler" >/dev/null; then
        exec "$compiler" -O2 -Wall -Wextra -Werror -shared -fPIC -Wl,-z,now -Wl,-z,relro \
            -o target/native/libluo-preload.so src/main/c/luo-preload.c -ldl
    fi
done
echo "no C compiler (CC, cc, gcc, clang) on the PATH: libluo-preload.so is not built, and luo exec will say so"
