#pragma once

/// Everything a host program needs to define and run workflows. `<cairn/asio.hpp>` and `<cairn/http.hpp>`
/// stand apart.

#include <cairn/codec.hpp>
#include <cairn/context.hpp>
#include <cairn/duration.hpp>
#include <cairn/engine.hpp>
#include <cairn/open.hpp>
