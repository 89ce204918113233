#pragma once

#include <span>
#include <string_view>

namespace cairn::sqlite {

// One step from a file format to the next; its number is the `user_version` of a file that has it.
struct Migration {
  int version;
  std::string_view name;
  std::string_view sql;
};

// Rising from 1 without gaps. Written by the build from migrations/*.sql; only ever added to.
extern const std::span<const Migration> migrations;

}  // namespace cairn::sqlite
