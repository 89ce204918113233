#pragma once

#include "tests/crash/death.hpp"
#include "tests/storage/counting_vfs.hpp"

#include <string>

namespace cairn::testing {

// SQLite's VFS with a named point before and after every call that reaches a file or the index of the log,
// such as "commit.log.write.before". Where writes are cut, there is one within: half of the bytes are there.
class MortalVfs {
 public:
  MortalVfs(Death& death, bool cuts_writes);

  [[nodiscard]] const std::string& name() const { return vfs_.name(); }

 private:
  CountingVfs vfs_;
};

}  // namespace cairn::testing
