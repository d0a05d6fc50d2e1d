# SPDX-License-Identifier: Apache-2.0
# Toolchain file: cross-compiles for arm64 against .deps/arm64 (tools/install-arm64.sh); tests run under qemu-aarch64.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
get_filename_component(sysroot "${CMAKE_CURRENT_LIST_DIR}/../.deps/arm64" ABSOLUTE)
set(CMAKE_FIND_ROOT_PATH "${sysroot}" "${sysroot}/usr")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
# Not --sysroot: the compiler brings its own C library, and these folders come behind it.
set(folders "-idirafter ${sysroot}/usr/include -idirafter ${sysroot}/usr/include/aarch64-linux-gnu")
set(CMAKE_CXX_FLAGS_INIT "${folders}")
set(links "-Wl,-rpath-link,${sysroot}/usr/lib/aarch64-linux-gnu -Wl,-rpath-link,${sysroot}/lib/aarch64-linux-gnu")
set(CMAKE_EXE_LINKER_FLAGS_INIT "${links}")
set(CMAKE_SHARED_LINKER_FLAGS_INIT "${links}")
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64 -L "${sysroot}")
