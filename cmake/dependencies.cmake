# SPDX-License-Identifier: Apache-2.0
# The packages we stand on. `./run` installs them; the Debian name is in the message when one is missing.
function(evenkeel_missing package debian_package)
  message(FATAL_ERROR "${package} was not found: install ${debian_package}, or let ./run install everything.")
endfunction()

macro(evenkeel_require package debian_package)
  find_package(${package} ${ARGN} QUIET)
  if(NOT ${package}_FOUND)
    evenkeel_missing(${package} ${debian_package})
  endif()
endmacro()

set(THREADS_PREFER_PTHREAD_FLAG ON)
evenkeel_require(Threads g++)
include(cmake/threads.cmake)
evenkeel_require(hwy libhwy-dev CONFIG)
evenkeel_require(fmt libfmt-dev CONFIG)
evenkeel_require(nlohmann_json nlohmann-json3-dev CONFIG)
evenkeel_require(CLI11 libcli11-dev CONFIG)
evenkeel_require(CURL libcurl4-openssl-dev)
evenkeel_require(OpenSSL libssl-dev COMPONENTS Crypto)
evenkeel_require(ZLIB zlib1g-dev)
evenkeel_require(PNG libpng-dev)
evenkeel_require(JPEG libjpeg-dev)
if(BUILD_TESTING)
  evenkeel_require(GTest "libgtest-dev and libgmock-dev" CONFIG)
  evenkeel_require(rapidcheck librapidcheck-dev CONFIG)
endif()

if(EVENKEEL_ONEDNN)
  # Where tools/install-onednn.sh puts the pinned wheels; a system package of version 3 does as well.
  list(APPEND CMAKE_PREFIX_PATH "${PROJECT_SOURCE_DIR}/.deps/onednn")
  find_package(dnnl 3 CONFIG QUIET)
  if(NOT dnnl_FOUND)
    message(FATAL_ERROR "oneDNN 3 was not found. Run ./run (it fetches it), tools/install-onednn.sh (only that), "
                        "or configure with -DEVENKEEL_ONEDNN=OFF.")
  endif()
endif()
