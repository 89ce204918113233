#include "cli/columns.hpp"
#include "cli/commands.hpp"

#include <cairn/codec.hpp>
#include <cairn/open.hpp>

#include <nlohmann/json.hpp>

#include <chrono>
#include <map>

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

nlohmann::ordered_json time_or_null(const std::optional<Time>& time) {
  return time ? nlohmann::ordered_json(to_iso8601(*time)) : nlohmann::ordered_json(nullptr);
}

std::string as_json(const std::vector<InstanceRow>& rows, Names& names, bool more) {
  nlohmann::ordered_json instances = nlohmann::ordered_json::array();
  for (const InstanceRow& row : rows) {
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
  }
  const nlohmann::ordered_json page{{"instances", std::move(instances)}, {"more", more}};
  return page.dump(2) + "\n";
}

// The id stands last: it may be long, and nothing has to be lined up behind it.
std::string as_columns(const std::vector<InstanceRow>& rows, const Names& names, bool more) {
  if (rows.empty()) return "no instances\n";
  const Time now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  Columns columns{{"STATUS", "AGE", "WORKFLOW", "ID"}};
  for (const InstanceRow& row : rows) {
    columns.add({std::string{to_string(row.status)}, age(now - row.created), names.of_workflow(row), row.id});
  }
  std::string text = columns.text();
  if (more) text += "… and more; --limit shows them\n";
  return text;
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
  Names names{*store};  // read last: no row can be of a workflow that is newer
  return options.as_json ? as_json(rows, names, more) : as_columns(rows, names, more);
}

}  // namespace cairn::cli
