#include "tests/faults/new_store.hpp"

#include "storage/sqlite/store.hpp"
#include "tests/storage/store_fixture.hpp"

#include <fstream>
#include <iterator>
#include <map>

namespace cairn::testing {

const std::string& new_store(int page_bytes) {
  static std::map<int, std::string> made;
  const auto found = made.find(page_bytes);
  if (found != made.end()) return found->second;
  const Folder folder;
  { const sqlite::SqliteStore store{folder / "store.db", {.page_bytes = page_bytes}}; }
  std::ifstream file{folder / "store.db", std::ios::binary};
  return made.emplace(page_bytes, std::string{std::istreambuf_iterator<char>{file}, {}}).first->second;
}

}  // namespace cairn::testing
