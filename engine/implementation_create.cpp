#include "engine/implementation.hpp"
#include "values/json_path.hpp"
#include "values/text_limits.hpp"

#include <cairn/detail/caught.hpp>
#include <cairn/detail/counted.hpp>
#include <cairn/id.hpp>

#include <utility>

namespace cairn {

void Engine::Implementation::check_batch(const detail::Definition& definition,
                                         const std::vector<detail::NewInstanceText>& instances,
                                         bool single) const {
  const Limits& limits = options_.limits;
  if (instances.empty()) throw Error{Errc::invalid_argument, "batch: must have at least one entry"};
  if (instances.size() > limits.batch_entries) {
    throw Error{Errc::invalid_argument, "batch: must have at most " +
                                            detail::counted(limits.batch_entries, "entry", "entries") +
                                            "; got " + std::to_string(instances.size())};
  }
  const values::TextLimits params_limits{limits.params_bytes, limits.json_depth};
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < instances.size(); ++i) {
    const detail::NewInstanceText& instance = instances[i];
    const auto field = [&](const char* name) {
      return single ? std::string{name} : "[" + std::to_string(i) + "]." + name;
    };
    if (!instance.id.empty()) {
      try {
        check_instance_id(instance.id);
      } catch (const Error&) {
        check_instance_id(instance.id, field("instance_id"));  // again, with the place: names are built for
                                                               // bad entries alone
      }
    }
    if (!values::fits(instance.params, params_limits))
      values::check_text(instance.params, field("params"), params_limits, "workflow", definition.name);
    if (instance.retention != Retention{}) check_retention(instance.retention, field("instance_retention"));
    bytes += instance.params.size();
  }
  if (bytes > limits.batch_bytes) {
    throw Error{Errc::too_large, "batch: params must be at most " +
                                     detail::counted(limits.batch_bytes, "byte") + " together; got " +
                                     std::to_string(bytes) + values::owner("workflow", definition.name)};
  }
}

CreateBatch Engine::Implementation::make_batch(const detail::Definition& definition,
                                               std::vector<detail::NewInstanceText> instances,
                                               OnConflict on_conflict) const {
  const Retention defaults = or_else(definition.options.default_retention, options_.default_retention);
  CreateBatch batch{
      .workflow = definition.workflow, .version = definition.version, .on_conflict = on_conflict};
  batch.rows.reserve(instances.size());
  const Time now = options_.clock->now();
  for (detail::NewInstanceText& instance : instances) {
    NewRow& row = batch.rows.emplace_back();
    row.id = std::move(instance.id);
    row.params = std::move(instance.params);
    row.retention = or_else(instance.retention, defaults);
    if (!row.id.empty()) continue;
    // 4,096 ids to a millisecond, then the next one: within a batch generated ids always rise.
    const std::size_t index = batch.rows.size() - 1;
    const Time time = saturating_add(now, Duration{static_cast<std::int64_t>(index >> 12)});
    row.id_is_new = true;
    row.id = make_uuid_v7(time, static_cast<std::uint16_t>(index & 0xfff), options_.random->bytes());
  }
  return batch;
}

namespace {

constexpr char end_of_id = '\0';

// All of them in one text: a copy of each would show in what a batch costs.
std::string copy_ids(const std::vector<NewRow>& rows) {
  std::size_t size = 0;
  for (const NewRow& row : rows) size += row.id.size() + 1;
  std::string ids;
  ids.reserve(size);
  for (const NewRow& row : rows) (ids += row.id) += end_of_id;
  return ids;
}

std::vector<std::string> split_ids(std::string_view text) {
  std::vector<std::string> ids;
  for (std::size_t end = text.find(end_of_id); end != std::string_view::npos; end = text.find(end_of_id)) {
    ids.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return ids;
}

}  // namespace

std::pair<CreateBatch, Created> Engine::Implementation::write_batch(CreateBatch batch) {
  const std::string ids = copy_ids(batch.rows);
  try {
    return runner_->call(std::move(batch));
  } catch (const Error& error) {
    if (error.code() != Errc::outcome_unknown) throw;
    throw UnknownOutcome{detail::what_of(error), split_ids(ids)};
  }
}

BatchResult Engine::Implementation::create_batch(const detail::Definition& definition,
                                                 std::vector<detail::NewInstanceText> instances,
                                                 const BatchOptions& options) {
  const Use use{*this, "create_batch"};
  Use::refuse_stopped(*this, "create_batch");
  check_batch(definition, instances, false);
  auto [batch, created] = write_batch(make_batch(definition, std::move(instances), options.on_conflict));
  if (created.refused) {
    const Conflict& conflict = created.conflicts.front();
    throw Error{conflict.code,
                "[" + std::to_string(conflict.index) + "].instance_id: \"" + batch.rows[conflict.index].id +
                    (conflict.code == Errc::duplicate_in_batch ? "\" stands earlier in the batch"
                                                               : "\" exists already")};
  }
  BatchResult result;
  result.created.reserve(batch.rows.size() - created.conflicts.size());
  auto conflict = created.conflicts.begin();
  for (std::size_t i = 0; i < batch.rows.size(); ++i) {
    if (conflict != created.conflicts.end() && conflict->index == i) {
      result.skipped.push_back({i, std::move(batch.rows[i].id), conflict->code});
      ++conflict;
    } else {
      result.created.push_back(
          {std::move(batch.rows[i].id), Status::queued, definition.version_id, definition.workflow_id});
    }
  }
  return result;
}

std::pair<Key, std::string> Engine::Implementation::create(const detail::Definition& definition,
                                                           detail::NewInstanceText instance) {
  const Use use{*this, "create"};
  Use::refuse_stopped(*this, "create");
  std::vector<detail::NewInstanceText> instances;
  instances.push_back(std::move(instance));
  check_batch(definition, instances, true);
  auto [batch, created] = write_batch(make_batch(definition, std::move(instances), OnConflict::fail));
  std::string& id = batch.rows.front().id;
  if (created.refused)
    throw Error{Errc::instance_already_exists, "instance_id: \"" + id + "\" exists already"};
  return {batch.first_key, std::move(id)};
}

}  // namespace cairn
