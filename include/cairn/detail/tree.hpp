#pragma once

#include <cairn/json.hpp>

// How a tree of JSON ends without memory. Not for users.
//
// The destructor of nlohmann's trees asks for memory, to need no stack for deep ones; and it is `noexcept`,
// so that the process ends when there is none. Where a tree was made of what a client sent, that must not be.
namespace cairn::detail {

/// Empties it; its destructor then asks for nothing. Recurses: for trees that `parse_json` has made.
void take_apart(json& tree) noexcept;

/// Does so at the end of a scope.
class TakenApart {
 public:
  explicit TakenApart(json& tree) noexcept : tree_(tree) {}
  TakenApart(const TakenApart&) = delete;
  TakenApart& operator=(const TakenApart&) = delete;
  ~TakenApart() { take_apart(tree_); }

 private:
  json& tree_;
};

}  // namespace cairn::detail
