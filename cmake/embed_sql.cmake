# cairn_embed_sql(<target> <file>...)
#
# Compiles SQL migrations into <target>, as the table `cairn::sqlite::migrations` that storage/sqlite/migrations.hpp
# declares. A file is named NNNN_name.sql; the numbers begin at 1 and have no gap. The source is written at build time,
# again whenever a file changes.
function(cairn_embed_sql target)
  set(files ${ARGN})
  list(TRANSFORM files PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  set(script ${PROJECT_SOURCE_DIR}/cmake/write_migrations.cmake)
  set(source ${PROJECT_BINARY_DIR}/generated/${target}_migrations.cpp)
  add_custom_command(
    OUTPUT ${source}
    COMMAND ${CMAKE_COMMAND} -D "OUTPUT=${source}" -D "FILES=${files}" -P ${script}
    DEPENDS ${files} ${script}
    COMMENT "Embedding SQL migrations"
    VERBATIM)
  add_custom_target(${target}_migrations DEPENDS ${source})
  add_dependencies(${target} ${target}_migrations)
  target_sources(${target} PRIVATE ${source})
  set_source_files_properties(
    ${source} TARGET_DIRECTORY ${target} PROPERTIES COMPILE_OPTIONS -Wno-overlength-strings SKIP_PRECOMPILE_HEADERS ON
                                                       SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
