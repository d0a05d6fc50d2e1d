# SPDX-License-Identifier: Apache-2.0
# Preset fuzz: everything counted and checked for libFuzzer, which is clang's.
option(EVENKEEL_FUZZERS "Build tests/fuzz as libFuzzer programs" OFF)
if(EVENKEEL_FUZZERS)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "libFuzzer is clang's: configure with -DCMAKE_CXX_COMPILER=clang++, as preset fuzz does.")
  endif()
  set(flags -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_compile_options(${flags})
  add_link_options(${flags})
endif()
