#pragma once

// Every statement that a store runs again and again, in the order of an instance's life; only the rows of a
// batch are put together elsewhere (create_batch.cpp). `?n` are the values that a caller hands over.
namespace cairn::sqlite::queries {

// ----------------------------------------------------------------------------------------------------
// transactions

inline constexpr char begin[] = "BEGIN";

// Takes the write lock at once: a transaction that reads first and writes later could be refused half way.
inline constexpr char begin_immediate[] = "BEGIN IMMEDIATE";

inline constexpr char commit[] = "COMMIT";

// -----------------------------------------------------------------------------------------------------------
// owner

inline constexpr char owner[] = "SELECT epoch, commit_seq, next_key, next_event, last_time FROM owner";

inline constexpr char root_of_owner[] = "SELECT rootpage FROM sqlite_schema WHERE name = 'owner'";

inline constexpr char take_ownership[] = "UPDATE owner SET epoch = epoch + 1, clock = clock + 1, pid = ?1";

// Apart from the counts: those are asked of files of the first format as well.
inline constexpr char clock_of_owner[] = "SELECT clock, doubtful_since, believed_until FROM owner";

inline constexpr char set_clock[] = "UPDATE owner SET clock = ?1, doubtful_since = ?2, believed_until = ?3";

inline constexpr char leaps[] = "SELECT first, last, moved, least FROM leap ORDER BY first";

inline constexpr char forget_leaps[] = "DELETE FROM leap";

inline constexpr char add_leap[] = "INSERT INTO leap (first, last, moved, least) VALUES (?1, ?2, ?3, ?4)";

// The last write of every group. It changes nothing when another owner has come.
inline constexpr char close_group[] = R"(
  UPDATE owner SET commit_seq = commit_seq + 1, next_key = ?2, next_event = ?3, last_time = ?4 WHERE epoch = ?1)";

// ---------------------------------------------------------------------------------------- workflows and
// versions

inline constexpr char workflow_by_name[] = "SELECT workflow, workflow_id FROM workflow WHERE name = ?1";

inline constexpr char add_workflow[] =
    "INSERT INTO workflow (name, workflow_id, created) VALUES (?1, ?2, ?3)";

inline constexpr char version_by_tag[] =
    "SELECT version, version_id FROM version WHERE workflow = ?1 AND tag = ?2";

inline constexpr char add_version[] = R"(
  INSERT INTO version (workflow, tag, version_id, created) VALUES (?1, ?2, ?3, ?4))";

inline constexpr char workflows[] =
    "SELECT workflow, name, workflow_id, created FROM workflow ORDER BY workflow";

inline constexpr char versions[] = R"(
  SELECT version, workflow, tag, version_id, created FROM version WHERE workflow = ?1 ORDER BY version)";

inline constexpr char workflow_of_versions[] = "SELECT version, workflow FROM version";

// --------------------------------------------------------------------------------------------------------
// creation

// After a block of a batch came short: which of its keys were made.
inline constexpr char keys_between[] = "SELECT key FROM instance WHERE key BETWEEN ?1 AND ?2 ORDER BY key";

inline constexpr char key_by_id[] = "SELECT key FROM instance WHERE workflow = ?1 AND id = ?2";

// From an id on, in the order of the index, which alone is read.
inline constexpr char ids_from[] = R"(
  SELECT id, workflow FROM instance WHERE (id, workflow) >= (?1, ?2) ORDER BY id, workflow)";

inline constexpr char add_params[] = "INSERT INTO params (key, params) VALUES (?1, ?2)";

// -------------------------------------------------------------------------------------------------- instance
// rows

#define CAIRN_INSTANCE_COLUMNS                                                                     \
  "key, workflow, version, id, status, run, wake_at, created, modified, started, ended, expires, " \
  "paused_at, paused_for, retention_success, retention_error, epoch, buffered, clock"

inline constexpr char instance[] = "SELECT " CAIRN_INSTANCE_COLUMNS " FROM instance WHERE key = ?1";

// The params come behind the instance's columns.
inline constexpr char instance_with_params[] = "SELECT " CAIRN_INSTANCE_COLUMNS R"(,
  (SELECT params FROM params WHERE params.key = instance.key) FROM instance WHERE key = ?1)";

inline constexpr char instance_by_id[] = "SELECT " CAIRN_INSTANCE_COLUMNS
                                         " FROM instance WHERE workflow = ?1 AND id = ?2";

// Something that belongs to the instance was written: no index is touched.
inline constexpr char touch_instance[] = "UPDATE instance SET modified = ?2, buffered = ?3 WHERE key = ?1";

// `clock` is that of all times that move with it: whoever writes one of them writes all that the row has.

// A change of status that leaves wake time and expiry alone: one index.
inline constexpr char move_instance[] = R"(
  UPDATE instance SET status = ?2, epoch = ?3, modified = ?4, buffered = ?5, started = ?6, paused_at = ?7,
                      paused_for = ?8, clock = ?9
  WHERE key = ?1)";

// Everything that can change.
inline constexpr char rewrite_instance[] = R"(
  UPDATE instance SET status = ?2, epoch = ?3, modified = ?4, buffered = ?5, started = ?6, paused_at = ?7,
                      paused_for = ?8, version = ?9, run = ?10, wake_at = ?11, ended = ?12, expires = ?13,
                      clock = ?14
  WHERE key = ?1)";

// What waits has no other time that moves.
inline constexpr char wake_instance[] =
    "UPDATE instance SET modified = ?2, buffered = ?3, wake_at = ?4, clock = ?5 WHERE key = ?1";

inline constexpr char output[] = "SELECT output, error_name, error_message FROM output WHERE key = ?1";

inline constexpr char error[] = "SELECT error_name, error_message FROM output WHERE key = ?1";

inline constexpr char put_output[] = R"(
  INSERT INTO output (key, output, error_name, error_message) VALUES (?1, ?2, ?3, ?4)
  ON CONFLICT (key) DO UPDATE
  SET output = excluded.output, error_name = excluded.error_name, error_message = excluded.error_message)";

// ------------------------------------------------------------------------------------------------------------
// steps

// `step.id` of the first and the last step that an instance can have stand for the instance.
inline constexpr char add_step[] = R"(
  INSERT INTO step (id, kind, name, count, config, event_type, started, attempt, attempt_started, due, due_fixed,
                    clock)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?10, ?7, ?8, ?9, ?11))";

inline constexpr char last_step[] = "SELECT id FROM step WHERE id BETWEEN ?1 AND ?2 ORDER BY id DESC LIMIT 1";

// What decides whether an attempt fits, or a result that no open step has taken.
inline constexpr char step_state[] = R"(
  SELECT kind, attempt, attempt_started, due, ended_seq FROM step WHERE id = ?1)";

// Of an open sleep or wait whose due time moves with the clock.
inline constexpr char due_of_step[] = R"(
  SELECT due, clock FROM step
  WHERE id = ?1 AND ended_seq IS NULL AND attempt = ?2 AND kind <> 0 AND due IS NOT NULL AND due_fixed = 0)";

inline constexpr char set_due[] = "UPDATE step SET due = ?2, clock = ?3 WHERE id = ?1";

// If that attempt is in flight: a `due` time on a step of kind 0 is that of its next attempt.
inline constexpr char end_step[] = R"(
  UPDATE step SET ended_seq = ?2, ended = ?3, output = ?4, error_name = ?5, error_message = ?6,
                  attempt_started = ifnull(?8, attempt_started)
  WHERE id = ?1 AND ended_seq IS NULL AND attempt = ?7 AND (kind <> 0 OR due IS NULL))";

inline constexpr char add_failure[] = R"(
  INSERT INTO failure (step, attempt, started, ended, error_name, error_message, interrupted)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7))";

inline constexpr char await_attempt[] = "UPDATE step SET due = ?2, attempt = ?3, clock = ?4 WHERE id = ?1";

inline constexpr char begin_attempt[] = R"(
  UPDATE step SET attempt = ?2, attempt_started = ?3, due = NULL WHERE id = ?1)";

#define CAIRN_STEP_COLUMNS                                                                                  \
  "started_seq, kind, name, count, config, event_type, started, attempt, attempt_started, due, due_fixed, " \
  "ended_seq, ended, error_name, error_message, clock"

inline constexpr char steps[] = "SELECT " CAIRN_STEP_COLUMNS R"(, output
  FROM step WHERE id BETWEEN ?1 AND ?2 ORDER BY id)";

// The first ?3 characters of each output.
inline constexpr char steps_cut[] = "SELECT " CAIRN_STEP_COLUMNS R"(, substr(output, 1, ?3)
  FROM step WHERE id BETWEEN ?1 AND ?2 ORDER BY id)";

// Whether there are outputs, whose pages are not read for that.
inline constexpr char steps_without_outputs[] = "SELECT " CAIRN_STEP_COLUMNS R"(, typeof(output) <> 'null'
  FROM step WHERE id BETWEEN ?1 AND ?2 ORDER BY id)";

inline constexpr char outputs[] = R"(
  SELECT started_seq, output FROM step WHERE id BETWEEN ?1 AND ?2 AND output IS NOT NULL ORDER BY id)";

inline constexpr char one_step[] = "SELECT " CAIRN_STEP_COLUMNS R"(, output
  FROM step WHERE id BETWEEN ?1 AND ?2 AND kind = ?3 AND name = ?4 AND count = ?5)";

inline constexpr char count_steps[] = "SELECT count(*) FROM step WHERE id BETWEEN ?1 AND ?2";

inline constexpr char failures[] = R"(
  SELECT step & 16777215, started, ended, error_name, error_message, interrupted
  FROM failure WHERE step BETWEEN ?1 AND ?2 ORDER BY step, attempt)";

// -----------------------------------------------------------------------------------------------------------
// events

inline constexpr char add_event[] = R"(
  INSERT INTO event (event, instance, type, payload, received) VALUES (?1, ?2, ?3, ?4, ?5))";

inline constexpr char awaited[] = R"(
  SELECT 1 FROM step
  WHERE event_type = ?1 AND kind = 2 AND ended_seq IS NULL AND id BETWEEN ?2 AND ?3 LIMIT 1)";
inline constexpr char awaited_is_there[] = R"(
  SELECT 1 FROM event JOIN step ON step.id BETWEEN ?2 AND ?3
    AND kind = 2 AND ended_seq IS NULL AND event_type = event.type
  WHERE event.instance = ?1 LIMIT 1)";

// If it is what the step ?3 waits for.
inline constexpr char consume_event[] = R"(
  DELETE FROM event
  WHERE event = ?1 AND instance = ?2
    AND type = (SELECT event_type FROM step
                WHERE id = ?3 AND kind = 2 AND ended_seq IS NULL AND attempt = ?4))";

inline constexpr char events[] =
    "SELECT event, type, payload, received FROM event WHERE instance = ?1 ORDER BY event";

// ----------------------------------------------------------------------------------------------------------
// listing

// `created` and `epoch` lie between two bounds each, that may be the ends of the range.

inline constexpr char list_newest_first[] = "SELECT " CAIRN_INSTANCE_COLUMNS R"(
  FROM instance WHERE key < ?1 AND created BETWEEN ?2 AND ?3 ORDER BY key DESC LIMIT ?4)";

inline constexpr char list_oldest_first[] = "SELECT " CAIRN_INSTANCE_COLUMNS R"(
  FROM instance WHERE key > ?1 AND created BETWEEN ?2 AND ?3 ORDER BY key LIMIT ?4)";

inline constexpr char list_status_newest_first[] = "SELECT " CAIRN_INSTANCE_COLUMNS R"(
  FROM instance
  WHERE workflow = ?5 AND status = ?6 AND key < ?1 AND created BETWEEN ?2 AND ?3 AND epoch BETWEEN ?7 AND ?8
  ORDER BY key DESC LIMIT ?4)";

inline constexpr char list_status_oldest_first[] = "SELECT " CAIRN_INSTANCE_COLUMNS R"(
  FROM instance
  WHERE workflow = ?5 AND status = ?6 AND key > ?1 AND created BETWEEN ?2 AND ?3 AND epoch BETWEEN ?7 AND ?8
  ORDER BY key LIMIT ?4)";

// Rows that are due at the same moment, then later ones: asked for apart, each is one range of the index.
inline constexpr char due_at[] = R"(
  SELECT wake_at, key, workflow, clock FROM instance WHERE wake_at = ?1 AND key > ?2 ORDER BY key LIMIT ?3)";

inline constexpr char due_between[] = R"(
  SELECT wake_at, key, workflow, clock FROM instance WHERE wake_at > ?1 AND wake_at <= ?2
  ORDER BY wake_at, key LIMIT ?3)";

// ---------------------------------------------------------------------------------------------------------
// deletion

inline constexpr char expired[] = R"(
  SELECT key FROM instance WHERE expires <= ?1 ORDER BY expires, key LIMIT ?2)";

// The same in pieces, where times have moved.
inline constexpr char expired_at[] = R"(
  SELECT expires, key, workflow, clock FROM instance WHERE expires = ?1 AND key > ?2 ORDER BY key LIMIT ?3)";

inline constexpr char expired_between[] = R"(
  SELECT expires, key, workflow, clock FROM instance WHERE expires > ?1 AND expires <= ?2
  ORDER BY expires, key LIMIT ?3)";

inline constexpr char delete_steps[] = "DELETE FROM step WHERE id BETWEEN ?1 AND ?2";
inline constexpr char delete_failures[] = "DELETE FROM failure WHERE step BETWEEN ?1 AND ?2";
inline constexpr char delete_events[] = "DELETE FROM event WHERE instance BETWEEN ?1 AND ?2";
inline constexpr char delete_output[] = "DELETE FROM output WHERE key BETWEEN ?1 AND ?2";
inline constexpr char delete_params[] = "DELETE FROM params WHERE key BETWEEN ?1 AND ?2";
inline constexpr char delete_instances[] = "DELETE FROM instance WHERE key BETWEEN ?1 AND ?2";

// ---------------------------------------------------------------------------------------------------------
// the file

inline constexpr char pages[] = "PRAGMA page_count";
inline constexpr char free_pages[] = "PRAGMA freelist_count";
inline constexpr char give_back_pages[] = "PRAGMA incremental_vacuum(256)";

}  // namespace cairn::sqlite::queries
