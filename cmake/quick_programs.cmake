# cairn_compile_quickly(<target>...)
#
# For programs whose own code takes no time to run: most tests, the command line, the examples. Optimising it takes longer
# than running it. The presets that are built often say how (`-O0`); without them nothing is changed. What a program and
# the library both make of a template is the program's once they are linked, so the library runs more slowly in it too.
set(CAIRN_QUICK_OPTIONS "" CACHE STRING "Options to compile programs with that need not be fast")
mark_as_advanced(CAIRN_QUICK_OPTIONS)

function(cairn_compile_quickly)
  foreach(target IN LISTS ARGN)
    target_compile_options(${target} PRIVATE ${CAIRN_QUICK_OPTIONS})
  endforeach()
endfunction()

# cairn_compile_harness(<target>...)
#
# For what runs for long, and is optimised therefore; not where counts are so small that it compiles for longer.
option(CAIRN_OPTIMIZED_HARNESSES "Optimise the harnesses" ON)
mark_as_advanced(CAIRN_OPTIMIZED_HARNESSES)

function(cairn_compile_harness)
  if(NOT CAIRN_OPTIMIZED_HARNESSES)
    cairn_compile_quickly(${ARGN})
  endif()
endfunction()
