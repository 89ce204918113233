#include "api/connections/request_reader.hpp"

#include "api/connections/request_parser.hpp"

#include <memory>
#include <utility>

namespace cairn::api {

RequestReader::RequestReader(const HttpOptions& options) : parser_(std::make_unique<Parser>(options)) {}
RequestReader::~RequestReader() = default;
RequestReader::RequestReader(RequestReader&&) noexcept = default;
RequestReader& RequestReader::operator=(RequestReader&&) noexcept = default;

RequestReader::Progress RequestReader::read(std::string_view& bytes) {
  return parser_->read(bytes);
}
bool RequestReader::has_begun() const noexcept {
  return parser_->has_begun();
}
const RequestHead& RequestReader::head() const noexcept {
  return parser_->head_;
}
const Framing& RequestReader::framing() const noexcept {
  return parser_->framing_;
}
void RequestReader::limit_body(std::size_t bytes_max) noexcept {
  parser_->body_bytes_max_ = bytes_max;
}
std::size_t RequestReader::body_bytes() const noexcept {
  return parser_->body_.size();
}
std::size_t RequestReader::held_bytes() const noexcept {
  return parser_->held_bytes();
}
std::string RequestReader::take_body() noexcept {
  return std::exchange(parser_->body_, {});
}
const Response& RequestReader::failure() const noexcept {
  return parser_->failure_;
}

}  // namespace cairn::api
