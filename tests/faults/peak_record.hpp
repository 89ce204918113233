#pragma once

#include <cairn/open.hpp>
#include <cairn/store.hpp>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>

namespace cairn::testing {

/// Writes instances with large records into a new file, without an engine that would run them. Closed at the
/// end of this object: then somebody else may serve the file.
class PeakRecord {
 public:
  explicit PeakRecord(const std::filesystem::path& file);

  /// An instance of the workflow `plain` that has begun.
  Key begin(const std::string& id);
  /// So many steps that have ended, named `step` and numbered by their count, each with that output.
  void add_steps(Key key, std::size_t count, const std::string& output);
  /// So many events of the type `word` that nobody waits for, each with that payload.
  void add_events(Key key, std::size_t count, const std::string& payload);

 private:
  std::unique_ptr<Store> store_;
  Defined plain_ = {};
};

/// JSON text of a string of so many bytes.
[[nodiscard]] std::string text_of_bytes(std::size_t bytes);

}  // namespace cairn::testing
