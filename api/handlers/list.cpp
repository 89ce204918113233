#include "api/handlers/handlers.hpp"
#include "api/requests/envelope.hpp"
#include "api/requests/instance_text.hpp"
#include "api/requests/query.hpp"
#include "api/requests/text.hpp"

#include <cairn/engine.hpp>
#include <cairn/error.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

namespace cairn::api {
namespace {

constexpr std::size_t instances_a_page = 25;
constexpr std::size_t stride_max = 1'000;  // entries that one read may skip; the limit of `ListFilter`
constexpr std::size_t item_bytes = 400;
constexpr std::size_t listed_bytes = 640;  // what the store and the engine make of a row, and the row's item
constexpr std::size_t errors_bytes = 2 * error_text_max;  // of a row at most; the item's are counted when
                                                          // the answer is

std::optional<Time> read_time(const Query& query, std::string_view name) {
  const std::optional<std::string_view> found = query.text(name);
  if (!found) return std::nullopt;
  std::string text{*found};
  // A `+` that stands in a query as it is means a blank; here it can only have been one.
  if (const std::size_t blank = text.find(' '); blank != std::string::npos) text[blank] = '+';
  const std::optional<Time> time = parse_iso8601(text);
  if (!time) {
    refuse_invalid(std::string{name} + ": must be a time such as 2026-11-23T08:15:30Z or " +
                   "2026-11-23T10:15:30+02:00, is " + excerpt(*found));
  }
  return time;
}

ListFilter read_filter(const Query& query) {
  ListFilter filter;
  filter.errors = false;  // of what is skipped, and at first
  if (const std::optional<std::string_view> word = query.text("status")) {
    filter.status = parse_status(*word);
    if (!filter.status) {
      refuse_invalid(
          "status: must be one of queued, running, paused, errored, terminated, complete, waitingForPause, "
          "waiting, "
          "rollingBack, is " +
          excerpt(*word));
    }
  }
  filter.created_from = read_time(query, "date_start");
  filter.created_to = read_time(query, "date_end");
  if (filter.created_from && filter.created_to && *filter.created_from > *filter.created_to) {
    refuse_invalid("date_start: must not be after date_end");
  }
  filter.newest_first = !query.choice("direction", "asc", "desc");
  if (const std::optional<std::string_view> cursor = query.text("cursor")) {
    if (query.text("page")) refuse_invalid("page: must not stand beside a cursor");
    if (cursor->empty()) refuse_invalid("cursor: must not be empty");
    filter.cursor = *cursor;
  }
  return filter;
}

bool may_have_error(const InstanceSummary& instance) {
  return instance.status == Status::paused ||
         (is_finished(instance.status) && instance.status != Status::complete);
}

// Moves the filter behind `count` instances, or as many as there are; says how many, and clears `more` at the
// end.
std::size_t skip(const Workflow<json, json>& workflow, ListFilter& filter, std::size_t count, bool& more) {
  std::size_t skipped = 0;
  while (skipped < count && more) {
    filter.limit = std::min(count - skipped, stride_max);
    Page page = workflow.list(filter);
    skipped += page.instances.size();
    more = !page.cursor.empty();
    filter.cursor = std::move(page.cursor);
  }
  return skipped;
}

void append_item(std::string& out, const InstanceSummary& instance) {
  out += R"({"id":)";
  append_string(out, instance.id);
  out += R"(,"status":")";
  out += to_string(instance.status);
  out += R"(","created_on":)";
  append_time(out, instance.created);
  out += R"(,"modified_on":)";
  append_time(out, instance.modified);
  out += R"(,"started_on":)";
  append_time(out, instance.started);
  out += R"(,"ended_on":)";
  append_time(out, instance.ended);
  out += R"(,"version_id":")";
  out += instance.version_id;
  out += R"(","workflow_id":")";
  out += instance.workflow_id;
  out += '"';
  if (instance.error) {
    out += R"(,"error":)";
    append_error(out, instance.error);
  }
  out += '}';
}

}  // namespace

Response list_instances(const Backend& backend, const Call& call) {
  const Query query{call.query,
                    {"status", "per_page", "page", "cursor", "direction", "date_start", "date_end"}};
  const std::size_t per_page = query.number(
      "per_page", std::min(instances_a_page, backend.options.page_entries), 1, backend.options.page_entries);
  const std::size_t page = query.number("page", 1, 1, 1'000'000'000);
  ListFilter filter = read_filter(query);
  const bool by_cursor = !filter.cursor.empty();
  const Workflow<json, json> workflow = find_workflow(backend.engine, call);

  const std::size_t to_skip = (page - 1) * per_page;
  backend.room.make(std::max(per_page, std::min(to_skip, stride_max)) * listed_bytes, "page");
  Page found;
  bool more = true;
  const std::size_t skipped = skip(workflow, filter, to_skip, more);
  backend.room.keep(per_page * listed_bytes);
  if (more) {
    filter.limit = per_page;
    found = workflow.list(filter);
    if (std::ranges::any_of(found.instances, may_have_error)) {
      // Read apart: a page without errors is a small request, for which there is room always.
      backend.room.make(per_page * (listed_bytes + errors_bytes), "page");
      filter.errors = true;
      found = workflow.list(filter);
    }
  }
  Envelope envelope{found.instances.size() * item_bytes};
  std::string& out = envelope.out();
  out += '[';
  for (const InstanceSummary& instance : found.instances) {
    if (&instance != &found.instances.front()) out += ',';
    append_item(out, instance);
  }
  out += ']';
  const std::size_t count = found.instances.size();
  return std::move(envelope).finish({.count = count,
                                     .per_page = per_page,
                                     .total_count = skipped + count,
                                     .page = by_cursor ? std::nullopt : std::optional{page},
                                     .cursor = found.cursor});
}

}  // namespace cairn::api
