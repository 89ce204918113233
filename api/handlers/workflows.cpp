#include "api/handlers/handlers.hpp"
#include "api/requests/envelope.hpp"
#include "api/requests/query.hpp"
#include "api/requests/text.hpp"

#include <cairn/engine.hpp>
#include <cairn/id.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace cairn::api {
namespace {

constexpr std::size_t workflows_a_page = 10;

void append_workflow(std::string& out, std::string_view id, std::string_view name,
                     std::string_view version_id) {
  out += R"({"id":)";
  append_string(out, id);
  out += R"(,"name":)";
  append_string(out, name);
  out += R"(,"version_id":)";
  append_string(out, version_id);
  out += '}';
}

}  // namespace

Response list_workflows(const Backend& backend, const Call& call) {
  const Query query{call.query, {"page", "per_page", "search"}};
  const std::size_t per_page = query.number(
      "per_page", std::min(workflows_a_page, backend.options.page_entries), 1, backend.options.page_entries);
  const std::size_t page = query.number("page", 1, 1, 1'000'000'000);
  const std::string_view search = query.text("search").value_or("");
  std::vector<WorkflowSummary> workflows = backend.engine.workflows();
  std::erase_if(workflows,
                [&](const WorkflowSummary& one) { return one.name.find(search) == std::string::npos; });

  const std::size_t from = std::min((page - 1) * per_page, workflows.size());
  const std::size_t to = std::min(from + per_page, workflows.size());
  Envelope envelope;
  std::string& out = envelope.out();
  out += '[';
  for (std::size_t i = from; i < to; ++i) {
    if (i > from) out += ',';
    append_workflow(out, workflows[i].workflow_id, workflows[i].name, workflows[i].version_id);
  }
  out += ']';
  return std::move(envelope).finish(
      {.count = to - from, .per_page = per_page, .total_count = workflows.size(), .page = page});
}

Response describe_workflow(const Backend& backend, const Call& call) {
  const Query query{call.query, {}};
  const Workflow<json, json> workflow = find_workflow(backend.engine, call);
  Envelope envelope;
  append_workflow(envelope.out(), workflow.workflow_id(), workflow.name(), workflow.version_id());
  return std::move(envelope).finish();
}

}  // namespace cairn::api
