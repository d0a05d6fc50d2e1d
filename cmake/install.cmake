# SPDX-License-Identifier: Apache-2.0
# `cmake --install build/release --prefix DIR`: libraries, headers, the command, and what find_package and pkg-config
# read. Nothing of it names the prefix, so that it may be moved.
include(CMakePackageConfigHelpers)

install(TARGETS evenkeel_core evenkeel EXPORT evenkeel LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(TARGETS evenkeel_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

# Those that a program may include; what is inside the kernels, the reports and the command is not for it.
install(DIRECTORY evenkeel DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h"
  PATTERN "evenkeel/cli" EXCLUDE
  PATTERN "evenkeel/report" EXCLUDE
  PATTERN "evenkeel/kernels/native" EXCLUDE
  PATTERN "evenkeel/kernels/onednn" EXCLUDE
  PATTERN "evenkeel/kernels/reference" EXCLUDE)
install(FILES "${PROJECT_BINARY_DIR}/generated/evenkeel/base/version.h"
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/evenkeel/base)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/evenkeel)
install(EXPORT evenkeel NAMESPACE evenkeel:: FILE evenkeelTargets.cmake DESTINATION ${package})
configure_package_config_file(cmake/evenkeelConfig.cmake.in "${PROJECT_BINARY_DIR}/evenkeelConfig.cmake"
  INSTALL_DESTINATION ${package})
# 0.x: a minor version may change anything.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/evenkeelConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/evenkeelConfig.cmake" "${PROJECT_BINARY_DIR}/evenkeelConfigVersion.cmake"
  DESTINATION ${package})

# From the folder of the .pc files to the prefix.
file(RELATIVE_PATH EVENKEEL_PC_UP "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
foreach(file IN ITEMS evenkeel-core.pc evenkeel.pc)
  configure_file(cmake/${file}.in "${PROJECT_BINARY_DIR}/${file}" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/${file}" DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()

# oneDNN comes along where it is the one that ./run fetched; a system's package stays the system's.
if(EVENKEEL_ONEDNN)
  get_target_property(onednn DNNL::dnnl LOCATION)
  get_filename_component(onednn_folder "${onednn}" DIRECTORY)
  if(onednn_folder MATCHES "^${PROJECT_SOURCE_DIR}/\\.deps|/\\.deps/onednn")
    file(GLOB onednn_files "${onednn_folder}/libdnnl.so.*")
    install(FILES ${onednn_files} DESTINATION ${CMAKE_INSTALL_LIBDIR})
  endif()
endif()

install(FILES LICENSE THIRD_PARTY.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
