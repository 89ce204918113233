#pragma once

#include <string_view>

namespace cairn::testing {

// What a thread of the program is about: the first word of the points that it comes to.
class Scene {
 public:
  explicit Scene(std::string_view name) : before_{current_} { current_ = name; }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;
  ~Scene() { current_ = before_; }

  // `background`: a thread that the store has made for itself.
  [[nodiscard]] static std::string_view current() { return current_; }

 private:
  static thread_local std::string_view current_;
  std::string_view before_;
};

}  // namespace cairn::testing
