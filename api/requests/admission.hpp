#pragma once

#include "api/requests/account.hpp"
#include "api/requests/message.hpp"
#include "api/requests/router.hpp"

#include <cairn/http.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cairn::api {

/// A request that may be carried out once its body is there.
struct Call {
  Match where = {};
  bool post = false;  ///< of `Route::instances`: creates instead of listing
  bool head = false;  ///< the answer is sent without its body
  std::vector<Parameter> query = {};
  std::size_t body_bytes_max = 0;
};

/// A call whose body has come, and what it holds of the server's account.
struct Request {
  Call call;
  std::string body;
  Share share = {};
};

/// Decides from the head alone whether a request is carried out, or what it is answered with: the order is
/// host, origin, method, route, type and length of the body. Nothing of the body has to be read for it.
std::variant<Call, Response> admit(const RequestHead& head, const HttpOptions& options);

/// Whether a `Host` header names this machine by a name that no foreign page can stand behind: `localhost`,
/// an address of 127.0.0.0/8, or `[::1]`, with any port or none.
bool is_local_host(std::string_view host) noexcept;

}  // namespace cairn::api
