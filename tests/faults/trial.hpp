#pragma once

#include "tests/faults/world.hpp"
#include "tests/storage/store_fixture.hpp"

#include <cairn/error.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace cairn::testing {

/// One run of an operation while something fails, and the questions afterwards: was the caller told the
/// truth, does the same store go on when the fault is mended, and does the next owner find the same?
class Trial {
 public:
  /// `arm` turns the fault on and off: it is off while the trial itself looks at the file.
  Trial(std::string vfs, std::function<void(bool)> arm) : vfs_{std::move(vfs)}, arm_{std::move(arm)} {}

  void play(const Operation& operation);
  /// Goes on, or opens the file again, while something may fail once more; whatever becomes of that.
  void stumble();
  void look();

  /// What the caller was told, such as `store_failed`; `nothing` when no call failed.
  [[nodiscard]] std::string told() const;

 private:
  [[nodiscard]] std::unique_ptr<Store> open(const SqliteOptions& options) const;
  void note();
  void touch();
  void go_on();
  void compare();

  const std::string vfs_;
  const std::function<void(bool)> arm_;
  Folder folder_;
  const std::filesystem::path file_ = folder_ / "store.db";
  std::unique_ptr<World> world_;
  std::optional<std::string> rows_;  // after the last acknowledged group
  std::optional<Errc> failure_;
};

}  // namespace cairn::testing
