// A file that has an instance in every status and every kind of row, with a log beside it, is damaged in a
// few places; then it is checked, read, opened, written and opened again. Each may be refused, by an `Error`.

#include "tests/crash/folder.hpp"
#include "tests/fuzz/targets.hpp"

#include <cairn/cairn.hpp>
#include <cairn/check.hpp>
#include <cairn/open.hpp>
#include <cairn/store.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

namespace cairn::fuzz {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t page_bytes = 4'096;
constexpr Time now{std::chrono::hours{24 * 365 * 57}};

std::string read(const fs::path& path) {
  std::ifstream input{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{input}, {}};
}

void write(const fs::path& path, const std::string& bytes) {
  std::ofstream output{path, std::ios::binary | std::ios::trunc};
  output.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!output.flush()) throw std::runtime_error("cannot write " + path.string());
}

struct Files {
  std::string file;
  std::string log;
};

// An owner whose process ends here: its last groups stand in the log alone.
Files make_files() {
  const testing::Folder folder;
  fs::copy_file(fs::path{CAIRN_KEPT_FILES} / "v1.cairn", folder / "f.db");
  const auto store = open_sqlite(folder / "f.db");
  const VersionRow version = store->versions(store->workflows().at(0).workflow).at(0);
  CreateBatch batch{.workflow = version.workflow, .version = version.version};
  batch.first_key = store->ownership().next_key;
  for (const char* id : {"in-the-log-1", "in-the-log-2"}) batch.rows.push_back({id, R"({"a":[1,2]})", {}});
  const std::vector<Change> created{batch};
  const std::vector<Change> told{SendEvent{batch.first_key, "approved", R"({"by":"ann"})", 10}};
  store->apply(created, now);
  store->apply(told, now);
  return {read(folder / "f.db"), read(folder / "f.db-wal")};
}

// One damage is six bytes: its kind, a page, a place in it, two values.
constexpr std::size_t damage_bytes = 6;

void damage(std::string& bytes, Bytes how) {
  if (bytes.empty()) return;
  const std::size_t page = how[1] % (bytes.size() / page_bytes + 1);
  const std::size_t at = std::min(page * page_bytes + (how[2] | how[3] << 8) % page_bytes, bytes.size() - 1);
  const std::size_t run = std::min(std::size_t{how[5]} + 1, bytes.size() - at);
  const auto value = static_cast<char>(how[4]);
  switch (how[0] >> 1 & 7) {
    case 0:
    case 1:
    case 2:
      bytes[at] = value;
      break;
    case 3:
      bytes[at] = static_cast<char>(bytes[at] ^ value);
      break;
    case 4:
      std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), run, value);
      break;
    case 5:
      bytes.resize(at);
      break;
    case 6:  // a page that another one has taken the place of
      bytes.replace(page * page_bytes, page_bytes,
                    bytes.substr(how[4] % (bytes.size() / page_bytes + 1) * page_bytes, page_bytes));
      break;
    default:
      std::memmove(bytes.data() + at, bytes.data() + at / 2, run);
      break;
  }
}

// Does what may be refused.
template <class Work>
void attempt(Work&& work) {
  try {
    work();
  } catch (const Error& refusal) {
    hold(*refusal.what() != '\0', "a refusal without a reason");
  }
}

void read_all(const StoreReader& store) {
  std::vector<Key> keys{1, 2};
  std::vector<std::int64_t> workflows{1};
  attempt([&] {
    for (const WorkflowRow& row : store.workflows()) workflows.push_back(row.workflow);
  });
  for (const std::int64_t workflow : workflows) {
    attempt([&] { static_cast<void>(store.versions(workflow)); });
    attempt([&] { static_cast<void>(store.find(workflow, "buffering")); });
    attempt([&] { static_cast<void>(store.queued(workflow, 0, 100)); });
  }
  attempt([&] {
    for (const InstanceRow& row : store.list({.limit = 100})) keys.push_back(row.key);
  });
  attempt([&] { static_cast<void>(store.list({.status = Status::waiting, .newest_first = false})); });
  attempt([&] { static_cast<void>(store.due({}, now, 100)); });
  for (const Key key : keys) attempt([&] { static_cast<void>(store.history(key)); });
  attempt([&] { static_cast<void>(store.errors(keys)); });
}

void change_all(Store& store) {
  const auto apply = [&](Change change) {
    attempt([&] {
      const std::vector<Change> group{std::move(change)};
      hold(store.apply(group, now).size() == 1, "not one outcome a change");
    });
  };
  std::vector<Key> keys;
  attempt([&] {
    for (const InstanceRow& row : store.list({.limit = 20})) keys.push_back(row.key);
  });
  apply(
      Define{"orders", "3", "7f7ef5a9-6a0c-4e1e-8a4e-b1a7a2b9a001", "7f7ef5a9-6a0c-4e1e-8a4e-b1a7a2b9a002"});
  for (std::size_t i = 0; i < keys.size(); ++i) {
    apply(SendEvent{keys[i], "approved", "{}", 5});
    apply(Control{.key = keys[i], .command = static_cast<Command>(i % 4), .version = 1});
  }
  CreateBatch batch{.workflow = 1, .version = 1, .first_key = store.ownership().next_key};
  batch.rows.push_back({"new", "{}", {}});
  apply(batch);
  apply(Sweep{100});
  attempt([&] { store.maintain(Demand::quiet); });
}

Task<json> orders(Context& /*context*/, json params) {
  co_return params;
}

void describe_all(std::unique_ptr<Store> store) {
  Engine engine{std::move(store)};
  const auto workflow = engine.define("orders", orders);
  for (const InstanceSummary& row : workflow.list({.limit = 100}).instances)
    attempt([&] { static_cast<void>(workflow.get(row.id).describe()); });
}

}  // namespace

void file(Bytes bytes) {
  static const Files good = make_files();
  Files files = good;
  const bool has_log = bytes.empty() || bytes[0] % 2 == 0;
  for (bytes = bytes.subspan(std::min(bytes.size(), std::size_t{1})); bytes.size() >= damage_bytes;
       bytes = bytes.subspan(damage_bytes))
    damage(bytes[0] % 2 == 0 || !has_log ? files.file : files.log, bytes);

  const testing::Folder folder;
  const fs::path path = folder / "f.db";
  write(path, files.file);
  if (has_log) write(folder / "f.db-wal", files.log);
  const SqliteOptions options{.create = false, .lock_wait = Duration{0}};

  attempt([&] { static_cast<void>(check_file(path)); });
  attempt([&] { read_all(*open_sqlite_read_only(path)); });
  attempt([&] {
    const auto store = open_sqlite(path, options);
    read_all(*store);
    change_all(*store);
  });
  attempt([&] { describe_all(open_sqlite(path, options)); });
  attempt([&] { static_cast<void>(check_file(path)); });
}

}  // namespace cairn::fuzz
