-- schema/001_queue.sql -- the queue: items, their recipients and content. Applied once, by PRAGMA user_version.
--
-- Times are UTC milliseconds. Rows speak of items by seq; ids (ULIDs) are for the outside. Audio is no row but a file,
-- recordings/<id>.wav. Partial indexes serve only queries that repeat their WHERE term: so NULL means "not due".

CREATE TABLE items (
  seq           INTEGER PRIMARY KEY AUTOINCREMENT,  -- never reused: seen outlives its item
  id            TEXT NOT NULL UNIQUE,
  kind          TEXT NOT NULL,                      -- voicemail, text, missed, transcript, alert, test
  state         TEXT NOT NULL,                      -- recording, held, ready, failed, delivered
  mailbox       TEXT NOT NULL,
  caller        TEXT NOT NULL,
  caller_name   TEXT NOT NULL,
  callee        TEXT NOT NULL,
  call_id       TEXT NOT NULL,
  reason        TEXT NOT NULL,
  flags         TEXT NOT NULL,                      -- comma separated
  received      INTEGER NOT NULL,
  began         INTEGER,                            -- start of the recording
  settled       INTEGER,                            -- became delivered or failed
  duration      INTEGER,                            -- of a voicemail, ms
  size          INTEGER NOT NULL DEFAULT 0,         -- bytes of content
  sender_domain TEXT NOT NULL,                      -- of the Message-ID
  about         TEXT,                               -- id of the item that this one follows
  join_until    INTEGER,                            -- a missed call: later ones join it until then
  content       INTEGER NOT NULL DEFAULT 1          -- 0: erased, these facts are left
);
CREATE INDEX items_by_state ON items (state, seq);
CREATE INDEX items_to_join ON items (mailbox, caller, join_until) WHERE join_until IS NOT NULL;
-- Content and state stand before the time so that a sweep never reads what it must keep.
CREATE INDEX items_to_sweep ON items (content, state, settled) WHERE settled IS NOT NULL;

CREATE TABLE recipients (
  item          INTEGER NOT NULL,
  n             INTEGER NOT NULL,                   -- from 1: the N of the Message-ID
  address       TEXT NOT NULL,
  fallback      INTEGER NOT NULL DEFAULT 0,         -- 1: delivered to it, a failed one no longer fails the item
  form          TEXT NOT NULL DEFAULT 'whole',      -- whole, smaller, no-audio
  state         TEXT NOT NULL DEFAULT 'waiting',    -- waiting, delivered, failed
  at            INTEGER,                            -- of the last answer
  tries         INTEGER NOT NULL DEFAULT 0,
  not_before    INTEGER,                            -- NULL: may not go (recording, held, done)
  first_refusal INTEGER,
  composed      INTEGER,                            -- Date of the mail when it is late
  code          INTEGER NOT NULL DEFAULT 0,
  reply         TEXT NOT NULL DEFAULT '',
  relay         TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (item, n)
) WITHOUT ROWID;
CREATE INDEX recipients_due ON recipients (not_before) WHERE not_before IS NOT NULL;
-- For retry of all: those that were refused before, a few; written by defer, never by put or a first done.
CREATE INDEX recipients_tried ON recipients (item) WHERE not_before IS NOT NULL AND tries > 0;

CREATE TABLE parts (                                -- of texts and alerts
  item INTEGER NOT NULL,
  n    INTEGER NOT NULL,
  type TEXT NOT NULL,
  name TEXT NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (item, n)
) WITHOUT ROWID;

CREATE TABLE occurrences (                          -- missed calls that joined an item
  item   INTEGER NOT NULL,
  at     INTEGER NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (item, at)
) WITHOUT ROWID;

CREATE TABLE tries (                                -- those that did not deliver
  item    INTEGER NOT NULL,
  n       INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  relay   TEXT NOT NULL,
  code    INTEGER NOT NULL,
  reply   TEXT NOT NULL,
  verdict TEXT NOT NULL,                            -- deferred, failed, smaller, no-audio, replaced
  PRIMARY KEY (item, n, at)
) WITHOUT ROWID;

CREATE TABLE seen (                                 -- duplicates of 24 h; no index on `at`: it rises with the item
  item INTEGER PRIMARY KEY,
  key  BLOB NOT NULL UNIQUE,
  at   INTEGER NOT NULL,
  id   TEXT NOT NULL                                -- the answer, also when the item is gone
);

CREATE TABLE unlinks (                              -- files of recordings/ whose end is committed
  file TEXT PRIMARY KEY
) WITHOUT ROWID;

CREATE TABLE facts (                                -- clean stop, relay down since
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;
