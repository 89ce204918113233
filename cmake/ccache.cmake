# Compiles through ccache when it is there. Only for a top-level build: a host project chooses its own launcher.
# The sloppiness settings are what ccache needs to cache compilations that use a precompiled header; with the others one
# checkout uses what another has compiled.

if(NOT PROJECT_IS_TOP_LEVEL OR DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  return()
endif()

find_program(CAIRN_CCACHE ccache DOC "The ccache program")
mark_as_advanced(CAIRN_CCACHE)
if(CAIRN_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}
      CCACHE_NOHASHDIR=true
      ${CAIRN_CCACHE})
endif()
