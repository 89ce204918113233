#pragma once

#include <cairn/engine.hpp>
#include <cairn/store.hpp>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace cairn::engine {

/// What the engine knows of workflows and versions: those it defines, and the names of those that only the
/// store knows. Thread-safe.
class Catalogue {
 public:
  explicit Catalogue(const Store& store) : store_(store) {}

  struct Names {
    std::string workflow;
    std::string workflow_id;
    std::string version;
    std::string version_id;
  };

  /// By name, latest last.
  using Definitions =
      std::map<std::string, std::vector<std::shared_ptr<const detail::Definition>>, std::less<>>;

  /// Keeps a version of a name for the one who defines it, without a lock. Throws `Error`
  /// (`workflow_conflict`) when it is defined already, or somebody else is about to.
  class Reservation {
   public:
    Reservation(Catalogue& catalogue, std::string name, std::string version);
    ~Reservation();
    Reservation(const Reservation&) = delete;
    Reservation& operator=(const Reservation&) = delete;

   private:
    Catalogue& catalogue_;
    const std::pair<std::string, std::string> version_;
  };
  /// `versions`: its own, and those that it adopts.
  void add(const std::shared_ptr<const detail::Definition>& definition,
           const std::vector<std::int64_t>& versions);
  /// Whether instances of that version run here.
  [[nodiscard]] bool runs(std::int64_t version) const;

  /// The latest definition of that name; null when there is none.
  [[nodiscard]] std::shared_ptr<const detail::Definition> find(std::string_view name) const;
  [[nodiscard]] std::shared_ptr<const detail::Definition> newest(std::int64_t workflow) const;
  [[nodiscard]] std::vector<WorkflowSummary> list() const;
  [[nodiscard]] Names names(std::int64_t workflow, std::int64_t version) const;
  /// Empties it of definitions, and gives them to be destroyed.
  [[nodiscard]] Definitions take_all();

 private:
  [[nodiscard]] std::optional<Names> cached(std::int64_t version) const;
  [[nodiscard]] bool is_defined(const std::string& name, const std::string& version) const;

  const Store& store_;
  mutable std::mutex mutex_;
  Definitions definitions_;
  std::set<std::int64_t> versions_;
  std::set<std::pair<std::string, std::string>> reserved_;
  mutable std::map<std::int64_t, Names> names_;  // by version
};

}  // namespace cairn::engine
