# Configures, builds and tests a host project in SOURCE, in a fresh folder BINARY, with the settings of the CMake cache
# script SETTINGS. With INSTALLS_NOTHING, also checks that the project has nothing to install. Run with cmake -P.
cmake_minimum_required(VERSION 3.25)

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ECHO STDOUT RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "failed: ${result}")
  endif()
endfunction()

file(REMOVE_RECURSE ${BINARY})
run(${CMAKE_COMMAND} -S ${SOURCE} -B ${BINARY} -C ${SETTINGS})
run(${CMAKE_COMMAND} --build ${BINARY} --parallel 2)
run(${CMAKE_CTEST_COMMAND} --test-dir ${BINARY} --output-on-failure --no-tests=error)

if(INSTALLS_NOTHING)
  run(${CMAKE_COMMAND} --install ${BINARY} --prefix ${BINARY}/installed)
  file(GLOB_RECURSE installed ${BINARY}/installed/*)
  if(installed)
    message(FATAL_ERROR "cairn installs files of its own: ${installed}")
  endif()
endif()
