-- +goose Up
CREATE TABLE booth (
    id      INTEGER PRIMARY KEY,
    name    TEXT    NOT NULL UNIQUE,
    outbox  TEXT    NOT NULL,
    acked   INTEGER NOT NULL DEFAULT 0,
    mark    INTEGER NOT NULL DEFAULT 0,
    epoch   INTEGER NOT NULL DEFAULT 0,
    dropped INTEGER NOT NULL DEFAULT 0,
    floor   INTEGER NOT NULL DEFAULT 0,
    ran     INTEGER NOT NULL DEFAULT 0
);

-- Rows are numbered when they are sent: the n-th of a booth, by pos, has the number acked + n.
CREATE TABLE outbox (
    pos   INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again, even when all rows are gone: a reader holds a place
    booth INTEGER NOT NULL REFERENCES booth (id),
    class INTEGER NOT NULL,
    id    TEXT    NOT NULL,
    ts    INTEGER NOT NULL,
    mono  INTEGER NOT NULL,
    boot  TEXT    NOT NULL,
    born  INTEGER NOT NULL,
    body  BLOB    NOT NULL
);
CREATE INDEX outbox_booth ON outbox (booth, pos);

CREATE TABLE inbox (
    booth  INTEGER NOT NULL REFERENCES booth (id),
    id     TEXT    NOT NULL,
    ord    INTEGER NOT NULL,
    state  TEXT    NOT NULL,
    final  INTEGER NOT NULL,
    step   INTEGER NOT NULL,
    result BLOB,
    error  TEXT    NOT NULL,
    doc    BLOB,
    PRIMARY KEY (booth, id)
) WITHOUT ROWID;
CREATE INDEX inbox_ord ON inbox (booth, ord);

CREATE TABLE kept (
    booth INTEGER NOT NULL REFERENCES booth (id),
    name  TEXT    NOT NULL,
    value BLOB    NOT NULL,
    PRIMARY KEY (booth, name)
) WITHOUT ROWID;
