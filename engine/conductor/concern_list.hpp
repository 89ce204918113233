#pragma once

#include <cairn/store.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace cairn::engine {

/// Instances of one kind that somebody has to look after, by workflow and version: how many there are, and
/// what is said of the one that has had to be looked after for longest. Of each version the first few
/// thousand by key are known one by one, so that they are forgotten when somebody has looked after them; that
/// there are more is known as well.
class ConcernList {
 public:
  struct Instance {
    std::string id = {};
    std::string reason = {};
    Time since = {};
  };
  /// Those of one version.
  struct Group {
    std::map<Key, Instance> known = {};
    std::set<std::pair<Time, Key>> by_age = {};  ///< the same, by how long somebody has had to look after
                                                 ///< them
    bool more = false;                           ///< than are known

    void insert(Key key, Instance instance);
    void erase(std::map<Key, Instance>::iterator entry);
    /// Of those that are known.
    [[nodiscard]] const Instance* oldest() const {
      return by_age.empty() ? nullptr : &known.at(by_age.begin()->second);
    }
  };
  using Version = std::pair<std::int64_t, std::int64_t>;  ///< workflow, and its version; 0: any

  static constexpr std::size_t known_max = 5'000;

  /// Whether it is the first of its version.
  bool add(const Version& version, Key key, Instance instance);
  /// The version that it was counted to; nothing: it was not known.
  std::optional<Version> remove(std::int64_t workflow, Key key);
  void forget(const Version& version);
  /// Those behind one key, up to another.
  void forget(const Version& version, Key after, Key until);
  /// The others are about to be added.
  void expect_others(const Version& version);

  [[nodiscard]] const std::map<Version, Group>& groups() const noexcept { return groups_; }
  [[nodiscard]] const Group* find(const Version& version) const;
  /// Whether no more of them can be known, and all of these have keys up to that one.
  [[nodiscard]] bool is_full(const Version& version, Key until) const;

 private:
  std::map<Version, Group> groups_;  // none is empty, unless there are more
};

}  // namespace cairn::engine
