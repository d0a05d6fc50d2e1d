# SPDX-License-Identifier: Apache-2.0
# Reading <gmock/gmock.h>, the standard library and the ops' classes is half of what a file costs to compile: it is done
# once. Every file includes what it uses all the same: preset ci builds without precompiled headers.
set(EVENKEEL_PRECOMPILED
  <algorithm> <array> <cmath> <cstdint> <filesystem> <functional> <map> <memory> <optional> <span> <sstream> <string>
  <string_view> <utility> <variant> <vector> <fmt/format.h>
  "${PROJECT_SOURCE_DIR}/evenkeel/graph/graph.h")

# GCC 12 for ARM breaks down over <arm_sve.h>, which Highway includes, behind a precompiled header.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64|arm64")
  set(CMAKE_DISABLE_PRECOMPILE_HEADERS ON)
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
  # GCC 12 no longer knows that such headers are the system's, and warns of overflows in std::string that are not there.
  if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    add_compile_options(-Wno-stringop-overflow -Wno-array-bounds)
  endif()
  # ccache can tell a precompiled header's users apart only so.
  if(CMAKE_CXX_COMPILER_LAUNCHER MATCHES "ccache")
    add_compile_options(-fpch-preprocess)
  endif()
endif()
