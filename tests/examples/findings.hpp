#pragma once

#include "examples/verify_packages/findings.hpp"

#include <string>
#include <utility>

namespace verify {

inline Finding altered(std::string path) {
  return {.verdict = Verdict::altered, .path = std::move(path)};
}
inline Finding missing(std::string path) {
  return {.verdict = Verdict::missing, .path = std::move(path)};
}
inline Finding unreadable(std::string path, std::string reason) {
  return {.verdict = Verdict::unreadable, .path = std::move(path), .reason = std::move(reason)};
}

}  // namespace verify
