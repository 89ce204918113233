#pragma once

#include "api/requests/target.hpp"

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

namespace cairn::api {

/// The parameters of a query, read strictly: every member throws `Error` (`invalid_argument`) naming the
/// parameter.
class Query {
 public:
  /// Refuses parameters that are not among `known`, or stand there twice.
  Query(const std::vector<Parameter>& parameters, std::initializer_list<std::string_view> known);
  [[nodiscard]] std::optional<std::string_view> text(std::string_view name) const noexcept;
  [[nodiscard]] std::size_t number(std::string_view name, std::size_t otherwise, std::size_t min,
                                   std::size_t max) const;
  /// Whether the parameter is `yes` and not `no`; `no` when it is not there.
  [[nodiscard]] bool choice(std::string_view name, std::string_view yes, std::string_view no) const;

 private:
  const std::vector<Parameter>& parameters_;
};

}  // namespace cairn::api
