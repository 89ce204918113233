#pragma once

#include "api/requests/account.hpp"
#include "api/requests/admission.hpp"
#include "api/requests/message.hpp"

#include <cairn/engine.hpp>
#include <cairn/http.hpp>

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>
#include <vector>

namespace cairn::api {

/// What the server answers, free of sockets: requests in, responses out. Thread-safe; `carry_out` blocks
/// until the engine has committed.
class Application {
 public:
  Application(Engine& engine, const HttpOptions& options)
      : engine_(engine), options_(options), account_(options.bytes_in_flight) {}

  /// Of all requests and answers. It outlives them.
  [[nodiscard]] Account& account() noexcept { return account_; }

  /// Decides from the head alone. What it refuses is final; a `Call` goes to `carry_out` when its body has
  /// come.
  [[nodiscard]] std::variant<Call, Response> admit(const RequestHead& head) {
    return api::admit(head, options_);
  }
  /// Takes the body away; the request's share holds the answer afterwards.
  Response carry_out(Request& request) noexcept;
  /// Carries out requests that create one instance each, all of the same workflow, in one transaction. The
  /// n-th answer is the n-th request's; without one, nothing of it has happened, and it is to be carried out
  /// alone. No answers at all: there is no memory for them, and all requests have `lack_of_memory`.
  std::vector<std::optional<Response>> create_together(std::span<Request> requests) noexcept;

 private:
  Response answer(Request& request);
  std::vector<std::optional<Response>> answer_together(std::span<Request> requests);
  Response answer_to_current_exception();
  Response fault_of_all();
  Response internal_failure(const Error& error);

  Engine& engine_;
  const HttpOptions& options_;
  Account account_;
  std::atomic<std::uint64_t> faults_ = 0;
};

}  // namespace cairn::api
