#pragma once

#include <cairn/error.hpp>
#include <cairn/status.hpp>
#include <cairn/step.hpp>
#include <cairn/time.hpp>

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Statement.h>

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cairn::sqlite {

// Binds one value. Texts are not copied: they must live until the statement is reset.
inline void bind(SQLite::Statement& statement, int index, std::integral auto value) {
  statement.bind(index, static_cast<std::int64_t>(value));
}
inline void bind(SQLite::Statement& statement, int index, Time value) {
  statement.bind(index, static_cast<std::int64_t>(value.time_since_epoch().count()));
}
inline void bind(SQLite::Statement& statement, int index, Duration value) {
  statement.bind(index, static_cast<std::int64_t>(value.count()));
}
inline void bind(SQLite::Statement& statement, int index, Status value) {
  statement.bind(index, static_cast<int>(value));
}
inline void bind(SQLite::Statement& statement, int index, StepKind value) {
  statement.bind(index, static_cast<int>(value));
}
inline void bind(SQLite::Statement& statement, int index, const std::string& value) {
  statement.bindNoCopy(index, value);
}
// NULL for no text.
inline void bind(SQLite::Statement& statement, int index, const std::string* value) {
  value ? statement.bindNoCopy(index, *value) : statement.bind(index);
}
template <class Value>
void bind(SQLite::Statement& statement, int index, const std::optional<Value>& value) {
  value ? bind(statement, index, *value) : statement.bind(index);
}

// An absent text is stored as NULL, so that people see at once what is there.
inline constexpr const std::string* no_text = nullptr;
inline const std::string* unless_empty(const std::string& text) {
  return text.empty() ? nullptr : &text;
}
inline const std::string* name_of(const std::optional<RecordedError>& error) {
  return error ? &error->name() : nullptr;
}
inline const std::string* message_of(const std::optional<RecordedError>& error) {
  return error ? &error->message() : nullptr;
}

// One use of a kept statement: its values are bound when it begins, and it is reset when it goes out of
// scope.
class Use {
 public:
  template <class... Values>
  explicit Use(SQLite::Statement& statement, const Values&... values) : statement_{statement} {
    int index = 0;
    (bind(statement_, ++index, values), ...);
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  ~Use() { statement_.tryReset(); }

  template <class Value>
  void bind_at(int index, const Value& value) {
    bind(statement_, index, value);
  }

  // Whether there is another row.
  bool step() { return statement_.executeStep(); }

  // For a statement without rows: how many rows it changed.
  int run() {
    while (statement_.executeStep()) {
    }
    return statement_.getChanges();
  }

  // The columns of this row, from the first one on.
  template <class... Targets>
  void read(Targets&... targets) const {
    read_from(0, targets...);
  }
  // From that column on.
  template <class... Targets>
  void read_from(int index, Targets&... targets) const {
    (read_one(statement_.getColumn(index++), targets), ...);
  }

 private:
  static void read_one(const SQLite::Column& column, std::int64_t& target) { target = column.getInt64(); }
  static void read_one(const SQLite::Column& column, std::int32_t& target) { target = column.getInt(); }
  static void read_one(const SQLite::Column& column, bool& target) { target = column.getInt() != 0; }
  static void read_one(const SQLite::Column& column, Time& target) {
    target = Time{Duration{column.getInt64()}};
  }
  static void read_one(const SQLite::Column& column, Duration& target) {
    target = Duration{column.getInt64()};
  }
  static void read_one(const SQLite::Column& column, std::string& target) { target = column.getString(); }
  // Valid until the next row.
  static void read_one(const SQLite::Column& column, std::string_view& target) {
    const char* const text = column.getText();
    target = {text, static_cast<std::size_t>(column.getBytes())};
  }
  static void read_one(const SQLite::Column& column, Status& target) {
    target = static_cast<Status>(column.getInt());
  }
  static void read_one(const SQLite::Column& column, StepKind& target) {
    target = static_cast<StepKind>(column.getInt());
  }
  template <class Value>
  static void read_one(const SQLite::Column& column, std::optional<Value>& target) {
    target.reset();
    if (!column.isNull()) read_one(column, target.emplace());
  }

  SQLite::Statement& statement_;
};

}  // namespace cairn::sqlite
