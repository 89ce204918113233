# cairn_enable_warnings(<target>...)
#
# The warnings for cairn's own sources. They are private: who links cairn does not get them.
# Both compilers get the same set; -Wconversion of clang includes -Wsign-conversion, that of g++ does not.
function(cairn_enable_warnings)
  foreach(target IN LISTS ARGN)
    target_compile_options(
      ${target}
      PRIVATE -Wall
              -Wextra
              -Wpedantic
              -Wconversion
              -Wshadow
              -Wnon-virtual-dtor
              -Woverloaded-virtual
              -Wold-style-cast
              -Wextra-semi
              $<$<CXX_COMPILER_ID:Clang,AppleClang>:-Wno-sign-conversion>
              $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond>
              $<$<CXX_COMPILER_ID:GNU>:-Wlogical-op>
              # g++ 12 sees overflows in plain string concatenation (GCC bug 105651).
              $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds>
              $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
              $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overflow>
              # With -O3 g++ 12 takes the empty side of a moved variant or optional for read.
              $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-Wno-maybe-uninitialized>
              # Where sources are joined, a test's unnamed namespace looks to g++ as if it stood in a header.
              $<$<AND:$<CXX_COMPILER_ID:GNU>,$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>>:-Wno-subobject-linkage>
              $<$<BOOL:${CAIRN_WARNINGS_AS_ERRORS}>:-Werror>)
  endforeach()
endfunction()
