#pragma once

#include <cairn/detail/write_log.hpp>

namespace cairn::api {

using detail::write_log;

}  // namespace cairn::api
