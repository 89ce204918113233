# cairn_join_sources(<target>...)
#
# Sixteen sources are compiled as one. Parsing the headers of json and of the library takes longer than the source behind
# them, so a build from nothing takes a third of the time. The preset `headers` compiles each source by itself.
function(cairn_join_sources)
  if(CAIRN_JOINED_SOURCES)
    set_target_properties(${ARGN} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 16)
  endif()
endfunction()
