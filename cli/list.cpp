#include "cli/columns.hpp"
#include "cli/commands.hpp"

#include <cairn/codec.hpp>
#include <cairn/open.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace cairn::cli {
namespace {

// The names behind the store's numbers.
class Names {
 public:
  explicit Names(const StoreReader& store) : store_{store} {
    for (WorkflowRow& row : store.workflows()) workflows_.emplace(row.workflow, std::move(row.name));
  }

  [[nodiscard]] std::optional<std::int64_t> find(const std::string& name) const {
    for (const auto& [workflow, known] : workflows_) {
      if (known == name) return workflow;
    }
    return std::nullopt;
  }

  [[nodiscard]] std::string of_workflow(const InstanceRow& row) const { return workflows_.at(row.workflow); }

  [[nodiscard]] std::string of_version(const InstanceRow& row) {
    if (!versions_.contains(row.version)) {
      for (VersionRow& version : store_.versions(row.workflow))
        versions_[version.version] = std::move(version.tag);
    }
    return versions_[row.version];
  }

 private:
  const StoreReader& store_;
  std::map<std::int64_t, std::string> workflows_;
  std::map<std::int64_t, std::string> versions_;
};

// What the list shows of an instance.
struct Line {
  InstanceRow row;
  std::optional<ErrorRecord> error;
};

nlohmann::ordered_json error_or_null(const std::optional<ErrorRecord>& error) {
  if (!error) return nullptr;
  return {{"name", error->name}, {"message", error->message}};
}

nlohmann::ordered_json time_or_null(const std::optional<Time>& time) {
  return time ? nlohmann::ordered_json(to_iso8601(*time)) : nlohmann::ordered_json(nullptr);
}

std::string as_json(const std::vector<Line>& lines, Names& names, bool more) {
  nlohmann::ordered_json instances = nlohmann::ordered_json::array();
  for (const auto& [row, error] : lines) {
    nlohmann::ordered_json& instance = instances.emplace_back();
    instance["id"] = row.id;
    instance["workflow"] = names.of_workflow(row);
    instance["version"] = names.of_version(row);
    instance["status"] = to_string(row.status);
    instance["run"] = row.run;
    instance["created"] = to_iso8601(row.created);
    instance["modified"] = to_iso8601(row.modified);
    instance["started"] = time_or_null(row.started);
    instance["ended"] = time_or_null(row.ended);
    instance["wake_at"] = time_or_null(row.wake_at);
    instance["expires"] = time_or_null(row.expires);
    instance["error"] = error_or_null(error);
  }
  const nlohmann::ordered_json page{{"instances", std::move(instances)}, {"more", more}};
  return page.dump(2) + "\n";
}

// On one line, and no longer than people read there; JSON has it whole.
std::string excerpt(const ErrorRecord& error) {
  constexpr std::size_t characters_max = 100;
  std::string text;
  std::size_t characters = 0;
  for (const char byte : error.name + ": " + error.message) {
    const auto code = static_cast<unsigned char>(byte);
    const bool begins_a_character = (code & 0xc0U) != 0x80U;
    if (begins_a_character && ++characters > characters_max) return text + "…";
    text += code < 0x20 || code == 0x7f ? ' ' : byte;
  }
  return text;
}

// What may be long stands last, where nothing has to be lined up behind it: the id, and errors if there are
// any.
std::string as_columns(const std::vector<Line>& lines, const Names& names, bool more) {
  if (lines.empty()) return "no instances\n";
  const Time now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  const bool has_errors = std::ranges::any_of(lines, [](const Line& line) { return line.error.has_value(); });
  std::vector<std::string> heads{"STATUS", "AGE", "WORKFLOW", "ID"};
  if (has_errors) heads.emplace_back("ERROR");
  Columns columns{std::move(heads)};
  for (const auto& [row, error] : lines) {
    std::vector<std::string> cells{std::string{to_string(row.status)}, age(now - row.created),
                                   names.of_workflow(row), row.id};
    if (has_errors) cells.push_back(error ? excerpt(*error) : "-");
    columns.add(std::move(cells));
  }
  std::string text = columns.text();
  if (more) text += "… and more; --limit shows them\n";
  return text;
}

std::vector<Line> with_errors(const StoreReader& store, std::vector<InstanceRow> rows) {
  std::vector<Key> keys;
  keys.reserve(rows.size());
  for (const InstanceRow& row : rows) keys.push_back(row.key);
  std::vector<std::optional<ErrorRecord>> errors = store.errors(keys);
  std::vector<Line> lines;
  lines.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) lines.push_back({std::move(rows[i]), std::move(errors[i])});
  return lines;
}

}  // namespace

std::string list(const ListOptions& options) {
  const std::unique_ptr<StoreReader> store = open_sqlite_read_only(options.file);
  ListQuery query{.status = options.status, .limit = options.limit + 1};  // one more tells whether there is
                                                                          // more
  if (!options.workflow.empty()) {
    query.workflow = Names{*store}.find(options.workflow);
    if (!query.workflow) {
      throw Error{Errc::workflow_not_found,
                  options.file.string() + " has no workflow \"" + options.workflow + "\""};
    }
  }
  std::vector<InstanceRow> rows = store->list(query);
  const bool more = rows.size() > options.limit;
  if (more) rows.resize(options.limit);
  const std::vector<Line> lines = with_errors(*store, std::move(rows));
  Names names{*store};  // read last: no row can be of a workflow that is newer
  return options.as_json ? as_json(lines, names, more) : as_columns(lines, names, more);
}

}  // namespace cairn::cli
