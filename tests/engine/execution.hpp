#pragma once

#include "engine/messages.hpp"

#include <cairn/detail/body.hpp>
#include <cairn/step_context.hpp>

#include <optional>
#include <utility>

namespace cairn::testing {

/// One execution of a body, whose result is kept.
class Execution final : public detail::BodyRun {
 public:
  explicit Execution(const engine::RunBody& run)
      : context_(run.attempt, run.step(), run.idempotency_key(), run.stop.get_token()) {}
  StepContext& context() noexcept override { return context_; }
  void finish(detail::BodyResult result) override { result_ = std::move(result); }
  void* io_context() override { return nullptr; }
  [[nodiscard]] detail::BodyResult take() { return std::move(result_).value(); }

 private:
  StepContext context_;
  std::optional<detail::BodyResult> result_;
};

}  // namespace cairn::testing
