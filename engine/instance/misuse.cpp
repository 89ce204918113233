#include <cairn/detail/awaited_once.hpp>
#include <cairn/error.hpp>

#include <string>

namespace cairn::detail {

namespace {

const char* words(Misuse misuse) noexcept {
  switch (misuse) {
    case Misuse::none:
      break;
    case Misuse::moved:
      return "was awaited after it had been moved away";
    case Misuse::awaited:
      return "was awaited twice: it gives its result once";
    case Misuse::foreign:
      return "was made by the Context of another instance";
  }
  return "may be awaited";
}

}  // namespace

void refuse(Misuse misuse, std::string_view what, std::string_view name) {
  if (misuse == Misuse::none) return;
  std::string text{what};
  if (!name.empty()) text += " (\"" + std::string{name} + "\")";
  throw Error{Errc::invalid_argument, text + " " + words(misuse)};
}

}  // namespace cairn::detail
