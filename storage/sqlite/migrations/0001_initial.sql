-- The tables of a cairn file. docs/storage.md says why they look like this. Times are milliseconds since 1970 in UTC;
-- the numbers of statuses and kinds are those of include/cairn/status.hpp and step.hpp.

-- One row: who owns the file, and the counts that never go back.
CREATE TABLE owner (
  one        INTEGER PRIMARY KEY CHECK (one = 1),
  epoch      INTEGER NOT NULL,  -- rises with every engine that opens the file
  commit_seq INTEGER NOT NULL,  -- number of the last group
  next_key   INTEGER NOT NULL,  -- of an instance
  next_event INTEGER NOT NULL,
  last_time  INTEGER NOT NULL,  -- when the last group was written
  pid        INTEGER NOT NULL   -- of the last owner
) STRICT;

INSERT INTO owner VALUES (1, 0, 0, 1, 1, 0, 0);

CREATE TABLE workflow (
  workflow    INTEGER PRIMARY KEY,
  name        TEXT NOT NULL UNIQUE,
  workflow_id TEXT NOT NULL,
  created     INTEGER NOT NULL
) STRICT;

CREATE TABLE version (
  version    INTEGER PRIMARY KEY,
  workflow   INTEGER NOT NULL REFERENCES workflow (workflow),
  tag        TEXT NOT NULL,
  version_id TEXT NOT NULL,
  created    INTEGER NOT NULL,
  UNIQUE (workflow, tag)
) STRICT;

-- The row that changes often, kept small. Its workflow and version, and the instances of the tables below, are no
-- foreign keys: every group is checked against them before its first write, and asking SQLite again costs a fifth of
-- the rate at which instances are created.
CREATE TABLE instance (
  key               INTEGER PRIMARY KEY CHECK (key BETWEEN 1 AND 549755813887),
  workflow          INTEGER NOT NULL,
  version           INTEGER NOT NULL,
  id                TEXT NOT NULL,
  status            INTEGER NOT NULL CHECK (status BETWEEN 0 AND 8),
  run               INTEGER NOT NULL CHECK (run >= 1),
  epoch             INTEGER NOT NULL,  -- of the owner that wrote the status
  created           INTEGER NOT NULL,
  modified          INTEGER NOT NULL,
  retention_success INTEGER,
  retention_error   INTEGER,
  buffered          INTEGER NOT NULL DEFAULT 0 CHECK (buffered >= 0),  -- its rows in `event`
  wake_at           INTEGER,
  started           INTEGER,
  ended             INTEGER CHECK ((ended IS NOT NULL) = (status BETWEEN 3 AND 5)),
  expires           INTEGER CHECK (expires IS NULL OR ended IS NOT NULL),
  paused_at         INTEGER CHECK ((paused_at IS NOT NULL) = (status IN (2, 6))),
  paused_for        INTEGER NOT NULL DEFAULT 0
) STRICT;

-- The id first: ids that cairn makes rise with time, so those of new instances come last, whatever their workflow.
-- SQLite adds the last entry of an index without looking for its place.
CREATE UNIQUE INDEX instance_by_id ON instance (id, workflow);
-- What is queued last: new instances are, mostly, and what has ended, of which there may be millions, comes before.
CREATE INDEX instance_by_status ON instance (status DESC, workflow);
CREATE INDEX instance_by_wake ON instance (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX instance_by_expiry ON instance (expires) WHERE expires IS NOT NULL;

-- Written once, at creation.
CREATE TABLE params (
  key    INTEGER PRIMARY KEY,  -- of the instance
  params TEXT NOT NULL
) STRICT;

-- Written once, at the end; or when an instance is parked.
CREATE TABLE output (
  key           INTEGER PRIMARY KEY,  -- of the instance
  output        TEXT,
  error_name    TEXT,
  error_message TEXT
) STRICT;

-- The steps of the current run, those of one instance beside each other.
CREATE TABLE step (
  id              INTEGER PRIMARY KEY,  -- instance << 24 | started_seq
  instance        INTEGER GENERATED ALWAYS AS (id >> 24) VIRTUAL,
  started_seq     INTEGER GENERATED ALWAYS AS (id & 16777215) VIRTUAL,
  kind            INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 4),
  name            TEXT NOT NULL,
  count           INTEGER NOT NULL,
  config          TEXT,
  event_type      TEXT,
  started         INTEGER NOT NULL,
  attempt         INTEGER NOT NULL,
  attempt_started INTEGER NOT NULL,
  due             INTEGER,
  due_fixed       INTEGER NOT NULL,
  ended_seq       INTEGER,
  ended           INTEGER CHECK ((ended IS NULL) = (ended_seq IS NULL)),
  output          TEXT,
  error_name      TEXT,
  error_message   TEXT
) STRICT;

-- What SendEvent looks up: open waits alone.
CREATE INDEX step_awaiting ON step (event_type) WHERE kind = 2 AND ended_seq IS NULL;

-- Attempts that ended without ending their step.
CREATE TABLE failure (
  step          INTEGER NOT NULL,  -- step.id
  attempt       INTEGER NOT NULL,
  started       INTEGER NOT NULL,
  ended         INTEGER NOT NULL,
  error_name    TEXT,
  error_message TEXT,
  interrupted   INTEGER NOT NULL CHECK (interrupted IN (0, 1)),
  PRIMARY KEY (step, attempt)
) STRICT, WITHOUT ROWID;

-- Events that wait to be consumed.
CREATE TABLE event (
  event    INTEGER PRIMARY KEY,  -- from owner.next_event
  instance INTEGER NOT NULL,
  type     TEXT NOT NULL,
  payload  TEXT NOT NULL,
  received INTEGER NOT NULL
) STRICT;

CREATE INDEX event_by_instance ON event (instance);

-- The audit trail: how the status of each instance changed. Written by triggers alone, which the first owner that
-- asks for it makes; empty before.
CREATE TABLE transition (
  instance   INTEGER NOT NULL,
  number     INTEGER NOT NULL,  -- from 1
  run        INTEGER NOT NULL,
  was        INTEGER,           -- as stored; NULL: the instance was created
  became     INTEGER NOT NULL,
  epoch      INTEGER NOT NULL,  -- of the owner that wrote it
  commit_seq INTEGER NOT NULL,  -- of its group
  time       INTEGER NOT NULL,
  PRIMARY KEY (instance, number)
) STRICT, WITHOUT ROWID;
