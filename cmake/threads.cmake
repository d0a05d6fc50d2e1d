# SPDX-License-Identifier: Apache-2.0
# What base/threads runs its regions on.
set(EVENKEEL_THREADS openmp CACHE STRING "Parallel regions by openmp, or by std: threads of our own")
set_property(CACHE EVENKEEL_THREADS PROPERTY STRINGS openmp std)

if(EVENKEEL_THREADS STREQUAL "openmp")
  evenkeel_require(OpenMP "g++ (libomp-dev for clang)" COMPONENTS CXX)
  set(EVENKEEL_THREADS_LIBRARIES OpenMP::OpenMP_CXX Threads::Threads)
  set(EVENKEEL_THREADS_LEFT_OUT std)
elseif(EVENKEEL_THREADS STREQUAL "std")
  if(EVENKEEL_ONEDNN)
    message(FATAL_ERROR "oneDNN's threads are OpenMP's: EVENKEEL_THREADS=std needs -DEVENKEEL_ONEDNN=OFF.")
  endif()
  set(EVENKEEL_THREADS_LIBRARIES Threads::Threads)
  set(EVENKEEL_THREADS_LEFT_OUT openmp)
else()
  message(FATAL_ERROR "EVENKEEL_THREADS is openmp or std, not '${EVENKEEL_THREADS}'.")
endif()
