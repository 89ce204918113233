#pragma once

#include <cairn/batch.hpp>
#include <cairn/codec.hpp>
#include <cairn/context.hpp>
#include <cairn/detail/core.hpp>
#include <cairn/detail/created.hpp>
#include <cairn/instance.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace cairn {

/// How a workflow is defined.
struct WorkflowOptions {
  std::string version = "1";             ///< tag of this version of the code; `check_version_tag`
  std::vector<std::string> adopts = {};  ///< tags of older versions whose unfinished instances this code
                                         ///< takes over
  bool adopts_strictly = false;      ///< parks such an instance where its record may have gone to the wrong
                                     ///< steps, see docs/workflows.md; false: that is told, and it goes on
  Retention default_retention = {};  ///< for instances that ask for none
  std::size_t concurrency = 0;  ///< how many of its instances run at once; 0: only the engine's limit counts
};

namespace detail {

/// A workflow function without its types, under one name and version. Made by `Engine::define`.
struct Definition {
  std::string name;
  WorkflowOptions options;
  std::int64_t workflow = 0;
  std::int64_t version = 0;
  std::string workflow_id;
  std::string version_id;

  /// Makes the root frame: decodes params, runs the function, encodes its output.
  std::function<Task<std::string>(Context&, std::string_view params)> run;
  /// Throws `Error` (`invalid_argument`) that names the field in which `params` does not fit the function's
  /// input.
  std::function<void(const json& params, std::string_view field)> check_params;
};

template <class In>
In accept_params(const Context& context, const std::string& params) {
  try {
    return decode<In>(params, "params");
  } catch (const std::bad_alloc&) {
    throw;
  } catch (...) {
    context.tree().contradict({}, params, type_name<In>());
    throw;
  }
}

template <class Out>
std::string encode_output(const Context& context, const Out& output) {
  return encode_for<Out>(output, "output", "instance", context.instance_id());
}

template <class In, class Out, class Function>
Task<std::string> run_workflow(Context& context, const Function& function, std::string params) {
  std::optional<Task<Out>> task;
  if constexpr (std::is_void_v<In>) {
    task.emplace(function(context));
  } else {
    task.emplace(function(context, accept_params<In>(context, params)));
  }
  if constexpr (std::is_void_v<Out>) {
    co_await *task;
    co_return "null";
  } else {
    Out output = co_await *task;
    std::string text = encode_output(context, output);
    co_return text;
  }
}

/// `function` is kept, and outlives every frame of it: so even a lambda with captures may be a coroutine
/// here.
template <class In, class Out, class Function>
std::shared_ptr<Definition> make_definition(Function function) {
  auto definition = std::make_shared<Definition>();
  definition->run = [function = std::move(function)](Context& context, std::string_view params) {
    return run_workflow<In, Out>(context, function, std::string{params});
  };
  definition->check_params = [](const json& params, std::string_view field) {
    if constexpr (!std::is_same_v<In, json> && !std::is_void_v<In>) {
      static_cast<void>(from_json_checked<In>(params, field));
    }
  };
  return definition;
}

template <class In>
std::string encode_params(const Core& core, const Definition& definition, const NewInstance<In>& instance,
                          std::string_view field) {
  if constexpr (std::is_void_v<In>) {
    return "{}";
  } else {
    return encode_for<In>(instance.params, field, "workflow", definition.name, core.json_depth());
  }
}

template <class In>
std::string encode_entry(const Core& core, const Definition& definition, const NewInstance<In>& instance,
                         std::size_t index) {
  try {
    return encode_params(core, definition, instance, "params");
  } catch (const Error&) {
    // Again, with the place: names are built for bad entries alone.
    return encode_params(core, definition, instance, "[" + std::to_string(index) + "].params");
  }
}

}  // namespace detail

/// A defined workflow: creates its instances and finds them again. Cheap to copy; thread-safe; valid for as
/// long as its engine.
template <class In, class Out>
class Workflow {
 public:
  Workflow(std::shared_ptr<detail::Core> core, std::shared_ptr<const detail::Definition> definition)
      : core_(std::move(core)), definition_(std::move(definition)) {}

  [[nodiscard]] const std::string& name() const noexcept { return definition_->name; }
  [[nodiscard]] const std::string& workflow_id() const noexcept { return definition_->workflow_id; }
  [[nodiscard]] const std::string& version_id() const noexcept { return definition_->version_id; }

  /// Creates one instance; durable when it returns. Throws `Error`: `instance_already_exists`,
  /// `invalid_argument`, `too_large`, `store_failed`, `outcome_unknown` (`UnknownOutcome`, which has the id).
  Instance<Out> create(const NewInstance<In>& instance) const {
    return create_from<Instance<Out>>(
        instance.id, detail::encode_params(*core_, *definition_, instance, "params"), instance.retention);
  }
  /// The same. With GCC 12, `co_await create({…}).async_wait(…)` does not compile: name the instance first.
  detail::Created<Out> create(NewInstance<In>&& instance) const {
    return create_from<detail::Created<Out>>(std::move(instance.id),
                                             detail::encode_params(*core_, *definition_, instance, "params"),
                                             instance.retention);
  }

  /// Creates many in one transaction with one flush: all, or none when it throws. Ids that are taken or stand
  /// earlier in the batch are skipped and reported, or refuse the whole batch, as `options` says. Everything
  /// is checked before anything is written; an error names index and field. A batch without entries is
  /// refused as well (`invalid_argument`). Throws as `create`.
  BatchResult create_batch(std::vector<NewInstance<In>> instances, const BatchOptions& options = {}) const {
    std::vector<detail::NewInstanceText> texts;
    texts.reserve(instances.size());
    for (NewInstance<In>& instance : instances) {
      std::string params = detail::encode_entry(*core_, *definition_, instance, texts.size());
      texts.push_back({std::move(instance.id), std::move(params), instance.retention});
    }
    return core_->create_batch(*definition_, std::move(texts), options);
  }

  /// As `create` and `create_batch`, for a workflow that takes any JSON and those who only pass params on:
  /// the text is stored as it is.
  Instance<Out> create_text(const NewInstance<JsonText>& instance) const requires std::is_same_v<In, json> {
    return create_from<Instance<Out>>(instance.id, instance.params.text(), instance.retention);
  }
  detail::Created<Out> create_text(NewInstance<JsonText>&& instance) const requires std::is_same_v<In, json> {
    return create_from<detail::Created<Out>>(std::move(instance.id), std::move(instance.params).text(),
                                             instance.retention);
  }
  BatchResult create_batch_text(std::vector<NewInstance<JsonText>> instances,
                                const BatchOptions& options = {}) const requires std::is_same_v<In, json> {
    std::vector<detail::NewInstanceText> texts;
    texts.reserve(instances.size());
    for (NewInstance<JsonText>& instance : instances)
      texts.push_back({std::move(instance.id), std::move(instance.params).text(), instance.retention});
    return core_->create_batch(*definition_, std::move(texts), options);
  }

  /// The instance of that id. Throws `Error` (`instance_not_found`).
  [[nodiscard]] Instance<Out> get(std::string_view id) const {
    std::optional<Instance<Out>> found = find(id);
    if (!found) detail::throw_instance_not_found(id);
    return *std::move(found);
  }

  /// The instance of that id, or nothing when there is none, or its retention is over and it was swept.
  [[nodiscard]] std::optional<Instance<Out>> find(std::string_view id) const {
    std::optional<Key> key = core_->find(*definition_, id);
    if (!key) return std::nullopt;
    return Instance<Out>{core_, *key, std::string{id}};
  }

  /// A page of this workflow's instances, of all versions, in the order of creation.
  [[nodiscard]] Page list(const ListFilter& filter = {}) const { return core_->list(*definition_, filter); }

  /// For untyped use: throws `Error` (`invalid_argument`) that names the field in which `params` does not
  /// fit.
  void check_params(const json& params, std::string_view field) const {
    definition_->check_params(params, field);
  }

 private:
  template <class Handle>
  Handle create_from(std::string id, std::string params, const Retention& retention) const {
    auto [key, given] = core_->create(*definition_, {std::move(id), std::move(params), retention});
    return Handle{core_, key, std::move(given)};
  }

  std::shared_ptr<detail::Core> core_;
  std::shared_ptr<const detail::Definition> definition_;
};

}  // namespace cairn
