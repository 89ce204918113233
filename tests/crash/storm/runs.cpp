#include "tests/crash/storm/runs.hpp"

#include <map>
#include <stdexcept>
#include <utility>

namespace cairn::testing {
namespace {

constexpr char mark = '#';

// The third part of an idempotency key.
int run_of(const Line& line) {
  const std::size_t first = line.idempotency_key.find('/');
  const std::size_t second = line.idempotency_key.find('/', first + 1);
  if (first == std::string::npos || second == std::string::npos)
    throw std::runtime_error("an idempotency key without a run: " + line.idempotency_key);
  return std::stoi(line.idempotency_key.substr(second + 1));
}

std::string name_of(const std::string& id, int run) {
  return id + mark + std::to_string(run);
}

}  // namespace

Runs::Runs(const std::vector<Line>& ledger, const Record& record,
           std::function<bool(const std::string& id)> may_be_swept)
    : record_{record}, may_be_swept_{std::move(may_be_swept)} {
  for (const auto& [id, history] : record) by_run_.emplace(name_of(id, history.row.run), history);
  std::map<std::string, int> latest;
  for (Line line : ledger) {
    const int run = run_of(line);
    int& before = latest[line.instance];
    if (run < before) faults_.push_back("a later run had begun: " + to_text(line));
    before = std::max(before, run);
    line.instance = name_of(line.instance, run);
    if (!is_over(line.instance)) ledger_.push_back(std::move(line));
  }
}

bool Runs::is_over(const std::string& name) const {
  const std::size_t end = name.rfind(mark);
  const std::string id = name.substr(0, end);
  const auto found = record_.find(id);
  return found == record_.end() ? may_be_swept_(id) : std::stoi(name.substr(end + 1)) < found->second.row.run;
}

}  // namespace cairn::testing
