-- Leaps of the wall clock. A clock is a number that rises with every owner, and each time that the wall clock is set.
-- A row bears the number of the clock by which its times were written; what that clock has moved since stands in `leap`.
-- docs/storage.md says why.

ALTER TABLE owner ADD COLUMN clock INTEGER NOT NULL DEFAULT 0;  -- the present one
ALTER TABLE owner ADD COLUMN doubtful_since INTEGER;  -- first clock of the present chain of doubt; NULL: there is no doubt
ALTER TABLE owner ADD COLUMN believed_until INTEGER;  -- then: the last time that was written before it

ALTER TABLE instance ADD COLUMN clock INTEGER NOT NULL DEFAULT 0;  -- of wake_at, paused_at and expires
ALTER TABLE step ADD COLUMN clock INTEGER NOT NULL DEFAULT 0;      -- of due

-- What was written by the clocks `first` to `last` has moved since. Ranges do not meet, and there are few.
CREATE TABLE leap (
  first INTEGER PRIMARY KEY,
  last  INTEGER NOT NULL CHECK (last >= first),
  moved INTEGER NOT NULL,                        -- ms: ends of spans
  least INTEGER NOT NULL CHECK (least <= moved)  -- less where two ranges became one: what must not come too late
) STRICT;
