#include "tests/crash/storm/mortal_vfs.hpp"

#include "tests/crash/storm/scene.hpp"

#include <array>
#include <string_view>

namespace cairn::testing {
namespace {

using Operation = CountingVfs::Operation;

constexpr std::array<std::string_view, CountingVfs::operations> operation_words{
    "read", "write", "sync", "truncate", "open", "remove", "size", "lock", "map", "lock", "barrier"};
constexpr std::array<std::string_view, 3> moment_words{"before", "within", "after"};

bool changes_nothing(Operation operation) {
  return operation == Operation::read || operation == Operation::size || operation == Operation::lock;
}

bool concerns_the_index(Operation operation) {
  return operation == Operation::map_index || operation == Operation::lock_index ||
         operation == Operation::barrier;
}

// By its name: a new file is made under another one.
std::string_view word_of_file(const CountingVfs::Call& call) {
  if (concerns_the_index(call.operation)) return "index";
  const bool is_new = call.name.find(".new") != std::string_view::npos;
  if (call.name.ends_with("-wal")) return is_new ? "new_log" : "log";
  if (call.name.ends_with("-journal")) return "journal";
  return is_new ? "new" : "database";
}

}  // namespace

MortalVfs::MortalVfs(Death& death, bool cuts_writes) {
  vfs_.set_witness(
      [&death](const CountingVfs::Call& call, CountingVfs::Moment moment) {
        if (changes_nothing(call.operation)) return;
        std::string point{Scene::current()};
        for (const std::string_view word :
             {word_of_file(call), operation_words.at(static_cast<std::size_t>(call.operation)),
              moment_words.at(static_cast<std::size_t>(moment))}) {
          point += '.';
          point += word;
        }
        death.at(point);
      },
      cuts_writes);
}

}  // namespace cairn::testing
