#include "engine/cursor.hpp"
#include "engine/describe.hpp"
#include "engine/implementation.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

// What is read of instances.
namespace cairn {

std::optional<Key> Engine::Implementation::find(const detail::Definition& definition,
                                                std::string_view id) const {
  const Use use{*this, "find"};
  const std::optional<InstanceRow> row = store_->find(definition.workflow, std::string{id});
  if (!row) return std::nullopt;
  return row->key;
}

Page Engine::Implementation::list(const detail::Definition& definition, const ListFilter& filter) const {
  const Use use{*this, "list"};
  if (filter.limit < 1 || filter.limit > 1'000)
    throw Error{Errc::invalid_argument, "limit: must be 1 to 1,000"};
  if (filter.created_from && filter.created_to && *filter.created_from > *filter.created_to) {
    throw Error{Errc::invalid_argument, "created_from: must not be after created_to"};
  }
  ListQuery query{
      .workflow = definition.workflow, .status = filter.status, .newest_first = filter.newest_first};
  query.created_from = filter.created_from;
  query.created_to = filter.created_to;
  query.limit = filter.limit + 1;  // one more tells whether there is a next page
  if (!filter.cursor.empty()) query.after = engine::read_cursor(filter.cursor);
  const std::vector<InstanceRow> rows = store_->list(query);
  Page page;
  for (const InstanceRow& row : rows) {
    if (page.instances.size() == filter.limit) break;
    page.instances.push_back(engine::summarize(row, catalogue_.names(row.workflow, row.version)));
  }
  if (rows.size() > filter.limit) page.cursor = engine::write_cursor(rows[filter.limit - 1].key);
  if (filter.errors) add_errors(rows, page);
  return page;
}

Status Engine::Implementation::status(Key key) const {
  const Use use{*this, "status"};
  const std::optional<InstanceRow> row = store_->row(key);
  if (!row) throw Error{Errc::instance_not_found, "the instance does not exist any more"};
  return row->status;
}

History Engine::Implementation::read(Key key, const DescribeOptions& options) const {
  std::optional<History> history = store_->history(key, engine::history_options(options));
  if (!history) throw Error{Errc::instance_not_found, "the instance does not exist any more"};
  return *std::move(history);
}

engine::Present Engine::Implementation::present(Key key) const {
  return {.now = options_.clock->now(), .waiting_for_worker = runner_->waiting_for_worker(key)};
}

InstanceDetail Engine::Implementation::describe(Key key, const DescribeOptions& options) const {
  const Use use{*this, "describe"};
  History history = read(key, options);
  const engine::Catalogue::Names names = catalogue_.names(history.row.workflow, history.row.version);
  return engine::describe<json>(std::move(history), names, options, present(key));
}

InstanceText Engine::Implementation::describe_text(Key key, const DescribeOptions& options) const {
  const Use use{*this, "describe"};
  History history = read(key, options);
  const engine::Catalogue::Names names = catalogue_.names(history.row.workflow, history.row.version);
  return engine::describe<JsonText>(std::move(history), names, options, present(key));
}

Metrics Engine::Implementation::metrics() const {
  const Use use{*this, "metrics"};
  Metrics metrics = runner_->metrics();
  metrics.missed_wakeups += missed_wakeups_ + passage_.missed_wakeups() + store_->missed_wakeups();
  return metrics;
}

}  // namespace cairn
