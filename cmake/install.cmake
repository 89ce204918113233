# The installed package: libraries, headers, the CMake package and the pkg-config files.

include(CMakePackageConfigHelpers)

set(libraries cairn)
if(CAIRN_HTTP)
  list(APPEND libraries cairn_http)
endif()
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/cairn)

install(
  TARGETS ${libraries}
  EXPORT cairnTargets
  FILE_SET HEADERS)
install(
  EXPORT cairnTargets
  NAMESPACE cairn::
  DESTINATION ${package_dir})

get_target_property(type cairn TYPE)
if(type STREQUAL "STATIC_LIBRARY")
  set(cairn_is_static ON)
else()
  set(cairn_is_static OFF)
endif()
configure_package_config_file(cmake/cairnConfig.cmake.in cairnConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(cairnConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/cairnConfig.cmake ${PROJECT_BINARY_DIR}/cairnConfigVersion.cmake
        DESTINATION ${package_dir})

# pkg-config: the prefix is found from where the file lies, so that the installed tree can be moved. A static library
# needs what it was built with at every link; a shared one has it inside or names it itself.
cmake_path(SET pkgconfig_dir ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig)
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY ${pkgconfig_dir} OUTPUT_VARIABLE prefix_from_pkgconfig)
if(cairn_is_static)
  set(pkgconfig_requires "nlohmann_json, sqlite3")
  set(pkgconfig_libs "-lSQLiteCpp -pthread")
else()
  set(pkgconfig_requires "nlohmann_json")
  set(pkgconfig_libs "-pthread")
endif()
configure_file(cmake/cairn.pc.in cairn.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/cairn.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
if(CAIRN_HTTP)
  configure_file(cmake/cairn-http.pc.in cairn-http.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/cairn-http.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endif()
