#include "api/handlers/body.hpp"
#include "api/handlers/handlers.hpp"
#include "api/requests/envelope.hpp"
#include "api/requests/json_text.hpp"
#include "api/requests/query.hpp"
#include "api/requests/text.hpp"

#include <cairn/detail/tree.hpp>
#include <cairn/engine.hpp>

#include <string>
#include <utility>

namespace cairn::api {
namespace {

void check_confirmation(const json& request) {
  if (!request.is_object()) refuse_invalid("body: must be an object, is " + std::string{kind_of(request)});
  for (const auto& [key, value] : request.get_ref<const json::object_t&>()) {
    if (key != "status") refuse_invalid(member_of({}, key) + ": there is no such field; the field is status");
    if (value != "confirmed") refuse_invalid("status: must be confirmed");
  }
  if (request.empty()) refuse_invalid("status: is required");
}

}  // namespace

// A body is asked for, as no foreign page can send one.
Response confirm_clock(const Backend& backend, const Call& call, std::string_view body) {
  const Query query{call.query, {}};
  json request = read_body(backend, body);
  const detail::TakenApart at_the_end{request};
  check_confirmation(request);
  backend.engine.confirm_clock();
  Envelope envelope;
  std::string& out = envelope.out();
  out += R"({"status":"confirmed","timestamp":)";
  append_time(out, now(backend));
  out += '}';
  return std::move(envelope).finish();
}

}  // namespace cairn::api
