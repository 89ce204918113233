#pragma once

#include "api/admission.hpp"
#include "api/message.hpp"

#include <cairn/engine.hpp>
#include <cairn/http.hpp>

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

namespace cairn::api {

/// What the server answers, free of sockets: requests in, responses out. Thread-safe; `carry_out` blocks
/// until the engine has committed.
class Application {
 public:
  Application(Engine& engine, const HttpOptions& options) : engine_(engine), options_(options) {}

  /// Decides from the head alone. What it refuses is final; a `Call` goes to `carry_out` when its body has
  /// come.
  [[nodiscard]] std::variant<Call, Response> admit(const RequestHead& head) {
    return api::admit(head, options_);
  }
  Response carry_out(const Call& call, std::string_view body) noexcept;
  /// Carries out requests that create one instance each, all of the same workflow, in one transaction. The
  /// n-th answer is the n-th request's; without one, nothing of it has happened, and it is to be carried out
  /// alone. No answers at all: there is no memory for them, and all requests have `lack_of_memory`.
  std::vector<std::optional<Response>> create_together(std::span<const Request> requests) noexcept;

 private:
  Response answer(const Call& call, std::string_view body);
  std::vector<std::optional<Response>> answer_together(std::span<const Request> requests);
  Response answer_to_current_exception();
  Response fault_of_all();
  Response internal_failure(const Error& error);

  Engine& engine_;
  const HttpOptions& options_;
  std::atomic<std::uint64_t> faults_ = 0;
};

}  // namespace cairn::api
