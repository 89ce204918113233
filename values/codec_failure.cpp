#include "values/excerpt.hpp"
#include "values/json_explain.hpp"
#include "values/json_path.hpp"

#include <cairn/codec.hpp>
#include <cairn/detail/caught.hpp>

#include <exception>
#include <new>
#include <string>
#include <typeinfo>

// What `to_json` and `from_json` throw, which is the host's code, as the errors that the codec promises.
namespace cairn {

namespace values {

std::string_view without_id(std::string_view text) {
  const std::size_t at = text.find("] ");
  if (text.starts_with("[json.exception.") && at != std::string_view::npos) text.remove_prefix(at + 2);
  return text;
}

}  // namespace values

namespace detail {

namespace {

Error with_field(const Error& error, std::string_view field) {
  return {error.code(), std::string{field} + ": " + what_of(error)};
}

Error with_excerpt(std::string_view said, std::string_view field) {
  return values::invalid(field, {}, values::escaped(said, values::message_excerpt));
}

// What `report` makes of the exception that is being handled. A lack of memory is reported as itself, also
// when it is for the report that there is none.
template <class Report>
std::exception_ptr report_current_exception(Report report) {
  try {
    try {
      throw;
    } catch (const std::bad_alloc&) {
      throw;
    } catch (...) {
      return report();
    }
  } catch (const std::bad_alloc&) {
    return std::current_exception();
  }
}

}  // namespace

std::exception_ptr conversion_failure(const json& value, std::string_view field, ConversionAttempt attempt) {
  return report_current_exception([&] {
    try {
      throw;
    } catch (const json::exception& error) {
      return std::make_exception_ptr(explain(error, value, field, attempt));
    } catch (const Error& error) {
      return std::make_exception_ptr(with_field(error, field));
    } catch (...) {
      return std::make_exception_ptr(with_excerpt(what_of_current_exception(), field));
    }
  });
}

std::exception_ptr encoding_failure(std::string_view field) {
  return report_current_exception([&] {
    try {
      throw;
    } catch (const json::exception& error) {
      return std::make_exception_ptr(with_excerpt(values::without_id(what_of(error)), field));
    } catch (const std::exception&) {
      return std::current_exception();
    } catch (...) {
      return std::make_exception_ptr(with_excerpt(what_of_current_exception(), field));
    }
  });
}

std::exception_ptr decoding_failure(std::string_view field) {
  return report_current_exception([&] {
    try {
      throw;
    } catch (const Error& error) {
      return std::make_exception_ptr(Error{error.code(), what_of(error)});
    } catch (...) {
      return std::make_exception_ptr(with_excerpt(what_of_current_exception(), field));
    }
  });
}

void refuse_for(const Error& error, std::string_view kind, std::string_view name) {
  if (typeid(error) != typeid(Error)) throw;
  throw Error{error.code(), what_of(error) + values::owner(kind, name)};
}

}  // namespace detail
}  // namespace cairn
