# cairn_compile_for_fuzzers(<target>...)
#
# A fuzzer is led by the branches that its inputs take in the libraries: these count them. They are those of the preset
# `asan-clang`, whose tests do not mind, so that nothing is compiled for the fuzzers alone but themselves.
function(cairn_compile_for_fuzzers)
  if(CAIRN_BUILD_FUZZERS)
    foreach(target IN LISTS ARGN)
      target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
    endforeach()
  endif()
endfunction()
