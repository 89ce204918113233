#pragma once

#include <cairn/codec.hpp>
#include <cairn/error.hpp>
#include <cairn/json_text.hpp>
#include <cairn/on_conflict.hpp>
#include <cairn/retention.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace cairn {

/// One instance to create.
template <class In>
struct NewInstance {
  std::string id = {};  ///< as `check_instance_id`; empty: one is generated (UUIDv7)
  In params = {};
  Retention retention = {};  ///< what is empty: the workflow's default, then the engine's
};

template <>
struct NewInstance<json> {
  std::string id = {};
  json params = json::object();
  Retention retention = {};
};

template <>
struct NewInstance<JsonText> {
  std::string id = {};
  JsonText params = JsonText{json::object()};
  Retention retention = {};
};

template <>
struct NewInstance<void> {
  std::string id = {};
  Retention retention = {};
};

struct BatchOptions {
  OnConflict on_conflict = OnConflict::skip;
};

struct CreatedInstance {
  std::string id;
  Status status = Status::queued;
  std::string version_id;
  std::string workflow_id;
};

struct SkippedInstance {
  std::size_t index = 0;  ///< in the batch, from 0
  std::string id;
  Errc code = Errc::instance_already_exists;  ///< or `duplicate_in_batch`
};

struct BatchResult {
  std::vector<CreatedInstance> created;  ///< in the order of the batch
  std::vector<SkippedInstance> skipped;  ///< in the order of the batch
};

}  // namespace cairn
