#include "tests/crash/storm/scene.hpp"

namespace cairn::testing {

thread_local std::string_view Scene::current_ = "background";

}  // namespace cairn::testing
