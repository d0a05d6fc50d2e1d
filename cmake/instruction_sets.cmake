# SPDX-License-Identifier: Apache-2.0
# What Highway compiles each vector kernel for. On x86-64 three instruction sets, those of `--isa`: AVX-512, AVX2 and what
# every processor has. Those between would cost a third of a kernel's time to compile and of its size, for processors
# from before 2013 and for instructions that no kernel uses.
set(left_out HWY_SSSE3 HWY_SSE4 HWY_AVX3_DL)
if(hwy_VERSION VERSION_GREATER_EQUAL 1.0.4)
  list(APPEND left_out HWY_AVX3_ZEN4)
endif()
if(hwy_VERSION VERSION_GREATER_EQUAL 1.1.0)
  list(APPEND left_out HWY_AVX3_SPR)
endif()
list(JOIN left_out "|" left_out)
set(EVENKEEL_VECTOR_DEFINITIONS "HWY_DISABLED_TARGETS=(${left_out})")
