#include "tests/storage/owned_file.hpp"

#include "tests/crash/child.hpp"
#include "tests/crash/ledger.hpp"
#include "tests/refusal.hpp"

#include <cairn/open.hpp>

#include <chrono>
#include <fstream>
#include <iterator>
#include <variant>
#include <vector>

namespace cairn::testing {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

void OwnedFile::open(const sqlite::FileOptions& options) {
  store_ = std::make_unique<sqlite::SqliteStore>(file(), options);
}

void OwnedFile::create() {
  const std::vector<Change> define{Define{"orders", "1", "a", "b"}};
  const auto defined = std::get<Defined>(store_->apply(define, at(1'000)).at(0));
  CreateBatch batch{
      .workflow = defined.workflow, .version = defined.version, .first_key = store_->ownership().next_key};
  batch.rows.push_back({"order-" + std::to_string(created_++), "\"" + std::string(2'000, 'x') + "\"", {}});
  store_->apply(std::vector<Change>{batch}, at(2'000));
}

void OwnedFile::create(std::size_t instances) {
  for (std::size_t i = 0; i < instances; ++i) create();
}

void OwnedFile::write() {
  store_->apply(std::vector<Change>{Define{"orders", "1", "a", "b"}}, at(1'000));
}

void OwnedFile::tidy() {
  for (int pieces = 0; pieces < 20; ++pieces) store_->maintain(Demand::busy);
}

std::size_t OwnedFile::instances() const {
  return store_->list({.limit = 10'000}).size();
}

std::size_t OwnedFile::instances_in(const fs::path& file) {
  return open_sqlite(file)->list({.limit = 10'000}).size();
}

Complaint OwnedFile::complaint() const {
  const std::vector<Complaint> complaints = store_->complaints();
  return complaints.empty() ? Complaint{} : complaints.front();
}

std::string OwnedFile::expect_stopped() {
  EXPECT_EQ(complaint().code, "file_changed");
  std::string told;
  for (int i = 0; i < 3; ++i) {
    const auto [code, message] = refusal([&] { create(); });
    EXPECT_EQ(code, Errc::store_failed);
    told = message;
  }
  EXPECT_EQ(complaint().state, HealthState::failed);
  EXPECT_EQ(complaint().message, told);
  return told;
}

std::string OwnedFile::bytes_of(const std::filesystem::path& name) {
  std::ifstream input{name, std::ios::binary};
  return {std::istreambuf_iterator<char>{input}, {}};
}

fs::path OwnedFile::leave_as_killed(const Folder& folder) const {
  for (const fs::path& name : {file(), log(), lock()}) fs::copy_file(name, folder / name.filename().string());
  return folder / file().filename().string();
}

std::string OwnedFile::outsider(const std::string& does, const std::string& to) const {
  std::vector<std::string> command{CAIRN_OUTSIDER, file(), does};
  if (!to.empty()) command.push_back(to);
  Child child{command, beside("out"), beside("err")};
  const auto end = child.wait(60s);
  EXPECT_TRUE(end && end->status == 0) << (end ? to_string(*end) : "it hangs");
  const std::vector<std::string> said = read_lines(beside("out"));
  return said.empty() ? "" : said.front();
}

}  // namespace cairn::testing
