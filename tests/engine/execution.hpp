#pragma once

#include "engine/conductor/messages.hpp"

#include <cairn/detail/body.hpp>
#include <cairn/step_context.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace cairn::testing {

/// One execution of a body, whose result is kept. One that was begun by hand has begun already.
class Execution final : public detail::BodyRun {
 public:
  explicit Execution(const engine::RunBody& run, const engine::Launch::Beginning& now = {})
      : context_(run.attempt, run.step(), run.idempotency_key(), run.stop.get_token()),
        launch_(run.launch),
        now_(now) {}
  StepContext& context() noexcept override { return context_; }
  bool begin() override { return launch_->beginning() || launch_->begin(now_); }
  void finish(detail::BodyResult result) override { result_ = std::move(result); }
  void* io_context() override { return nullptr; }
  detail::WaitNumber next_wait() noexcept override { return 0; }
  void lend(detail::WaitNumber /*wait*/) override {}
  void take_back(detail::WaitNumber /*wait*/, bool /*at_once*/,
                 std::function<void()> granted) noexcept override {
    granted();
  }
  [[nodiscard]] detail::BodyResult take() { return std::move(result_).value(); }

 private:
  StepContext context_;
  const std::shared_ptr<engine::Launch> launch_;
  const engine::Launch::Beginning now_;
  std::optional<detail::BodyResult> result_;
};

}  // namespace cairn::testing
