-- Times are microseconds since 1970, UTC. Bodies are JSON in one canonical form.

CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;

-- Where everything stands after the last transaction: one row.
CREATE TABLE head (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    input INTEGER NOT NULL,          -- number of the last input
    decision INTEGER NOT NULL,       -- number of the last decision
    audit INTEGER NOT NULL,          -- number of the last audit record, and its hash
    hash BLOB NOT NULL,
    clock INTEGER,                   -- the engine's clock
    pruned INTEGER                   -- when retention last ran
);

-- The texts of every rulebook that ran, and after which input it began.
CREATE TABLE rulebooks (id INTEGER PRIMARY KEY, since INTEGER NOT NULL, digest BLOB NOT NULL, sources TEXT NOT NULL);

-- Everything that was applied or refused, in order.
CREATE TABLE inputs (
    id INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    kind TEXT NOT NULL,              -- event, command, tick, contact
    body TEXT,                       -- NULL once its subject is forgotten
    refused TEXT,                    -- why, where it was refused
    idem BLOB,                       -- keyed hash of the idempotency key
    mark BLOB,                       -- keyed hash of the whole input, beside an idempotency key
    first INTEGER,                   -- number of its first decision, and how many
    decided INTEGER NOT NULL
);
CREATE UNIQUE INDEX inputs_idem ON inputs (idem) WHERE idem IS NOT NULL;

-- Private fields of inputs that the snapshot does not cover yet, sealed. Emptied by each snapshot.
CREATE TABLE sealed (input INTEGER PRIMARY KEY, bytes BLOB NOT NULL);

-- The engine's state after an input, sealed, in parts.
CREATE TABLE snapshot (part INTEGER PRIMARY KEY, input INTEGER NOT NULL, bytes BLOB NOT NULL);

CREATE TABLE decisions (
    id INTEGER PRIMARY KEY,
    input INTEGER NOT NULL,          -- during which input it was made
    time INTEGER NOT NULL,
    kind TEXT NOT NULL,
    entity TEXT NOT NULL,
    subject TEXT NOT NULL,
    rule TEXT,
    shadow INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX decisions_subject ON decisions (subject, entity);

-- What holds now, as far as the clock has come.
CREATE TABLE tags (
    entity TEXT NOT NULL, subject TEXT NOT NULL, tag TEXT NOT NULL,
    since INTEGER NOT NULL, until INTEGER, rule TEXT, decision INTEGER NOT NULL,
    PRIMARY KEY (entity, subject, tag)
) WITHOUT ROWID;
CREATE TABLE entries (
    entity TEXT NOT NULL, subject TEXT NOT NULL, list TEXT NOT NULL,
    level INTEGER NOT NULL, category TEXT,
    since INTEGER NOT NULL, until INTEGER, suspended INTEGER,  -- until when it does not count
    review_due INTEGER,              -- since when a review is due
    next_review INTEGER,             -- when a person wants to see it again
    rule TEXT, decision INTEGER NOT NULL,
    PRIMARY KEY (entity, subject, list)
) WITHOUT ROWID;
CREATE INDEX entries_review ON entries (review_due) WHERE review_due IS NOT NULL;
-- What waits for a person. `action` is the JSON of what would be done.
CREATE TABLE proposals (
    id INTEGER PRIMARY KEY,          -- the decision that asks
    entity TEXT NOT NULL, subject TEXT NOT NULL,
    number INTEGER NOT NULL,         -- by which commands name it, among those of the subject
    rule TEXT, action TEXT NOT NULL, since INTEGER NOT NULL
);
CREATE INDEX proposals_subject ON proposals (subject, entity);

CREATE TABLE appeals (
    entity TEXT NOT NULL, subject TEXT NOT NULL,
    kind TEXT NOT NULL, name TEXT NOT NULL,       -- `tag` or `list`, and which
    since INTEGER NOT NULL, decision INTEGER NOT NULL,
    PRIMARY KEY (entity, subject, kind, name)
) WITHOUT ROWID;
-- Which subject is from now on known as which.
CREATE TABLE merged (
    entity TEXT NOT NULL, subject TEXT NOT NULL, into_subject TEXT NOT NULL, time INTEGER NOT NULL,
    PRIMARY KEY (entity, subject)
) WITHOUT ROWID;

-- What will end by the clock alone, as it was announced.
CREATE VIEW due AS
    SELECT until AS time, entity, subject, 'tag' AS what, tag AS name FROM tags WHERE until IS NOT NULL
    UNION ALL
    SELECT until, entity, subject, 'entry', list FROM entries WHERE until IS NOT NULL
    UNION ALL
    SELECT suspended, entity, subject, 'suspension', list FROM entries WHERE suspended IS NOT NULL;

-- One link a record. What it says lies in `body`, or in the decision or input with the number `ref`.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    kind TEXT NOT NULL,
    digest BLOB NOT NULL,
    hash BLOB NOT NULL,
    ref INTEGER,
    body TEXT
);

-- What is left of forgotten subjects.
CREATE TABLE tombstones (mark BLOB PRIMARY KEY, entity TEXT NOT NULL, time INTEGER NOT NULL) WITHOUT ROWID;
