# Writes OUTPUT, a C++ source with the table of migrations, from the SQL files in FILES. Run with cmake -P.
# A string literal may be limited to 16 KiB by the compiler, so a long file becomes several literals, cut at line ends.

cmake_minimum_required(VERSION 3.25)
set(literal_bytes_max 15000)

set(table "")
set(expected 1)
foreach(file IN LISTS FILES)
  get_filename_component(base "${file}" NAME)
  if(NOT base MATCHES "^([0-9][0-9][0-9][0-9])_([a-z0-9_]+)\\.sql$")
    message(FATAL_ERROR "${file}: a migration is named NNNN_name.sql")
  endif()
  set(name "${CMAKE_MATCH_2}")
  math(EXPR version "${CMAKE_MATCH_1}")
  if(NOT version EQUAL expected)
    message(FATAL_ERROR "${file}: migration ${expected} was expected here")
  endif()
  math(EXPR expected "${expected} + 1")

  file(READ "${file}" sql)
  string(FIND "${sql}" ")cairn_sql\"" end_of_literal)
  if(NOT end_of_literal EQUAL -1)
    message(FATAL_ERROR "${file}: contains the end of the C++ literal it is to be put in")
  endif()

  set(literals "")
  string(LENGTH "${sql}" left)
  while(left GREATER literal_bytes_max)
    string(SUBSTRING "${sql}" 0 ${literal_bytes_max} piece)
    string(FIND "${piece}" "\n" line_end REVERSE)
    if(line_end EQUAL -1)
      message(FATAL_ERROR "${file}: a line is longer than ${literal_bytes_max} bytes")
    endif()
    math(EXPR cut "${line_end} + 1")
    string(SUBSTRING "${sql}" 0 ${cut} piece)
    string(SUBSTRING "${sql}" ${cut} -1 sql)
    string(APPEND literals "\n     R\"cairn_sql(${piece})cairn_sql\"")
    string(LENGTH "${sql}" left)
  endwhile()
  string(APPEND literals "\n     R\"cairn_sql(${sql})cairn_sql\"")
  string(APPEND table "    {${version}, \"${name}\",${literals}},\n")
endforeach()

file(
  WRITE "${OUTPUT}"
  "// Written by cmake/write_migrations.cmake.

#include \"storage/sqlite/migrations.hpp\"

namespace cairn::sqlite {
namespace {

constexpr Migration table[] = {
${table}};

}  // namespace

constinit const std::span<const Migration> migrations{table};

}  // namespace cairn::sqlite
")
