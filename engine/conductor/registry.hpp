#pragma once

#include <cairn/workflow.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace cairn::engine {

/// Which definition runs the instances of which version.
class Registry {
 public:
  struct Entry {
    std::shared_ptr<const detail::Definition> definition;
    bool adopted = false;  ///< the instance was created by another version
  };

  /// A definition's own version replaces an adoption; a later adoption replaces an earlier one.
  void add(std::shared_ptr<const detail::Definition> definition, const std::vector<std::int64_t>& versions) {
    for (const std::int64_t version : versions) {
      const bool own = version == definition->version;
      const auto found = entries_.find(version);
      if (!own && found != entries_.end() && !found->second.adopted) continue;
      entries_[version] = {definition, !own};
    }
  }

  [[nodiscard]] const Entry* find(std::int64_t version) const {
    const auto found = entries_.find(version);
    return found == entries_.end() ? nullptr : &found->second;
  }

 private:
  std::map<std::int64_t, Entry> entries_;
};

}  // namespace cairn::engine
