-- +goose Up
-- What happened on the wire. Legs and messages are only ever read with their call, so they are one text each.
CREATE TABLE call (
    tenant      TEXT    NOT NULL,
    id          TEXT    NOT NULL, -- ULID, the order of listing
    kind        TEXT    NOT NULL,
    from_user   TEXT    NOT NULL,
    to_user     TEXT    NOT NULL, -- a dialled number is masked
    booth       TEXT    NOT NULL,
    contact     TEXT    NOT NULL,
    started_at  BIGINT  NOT NULL, -- ms since 1970
    answered_at BIGINT  NOT NULL, -- 0: never
    ended_at    BIGINT  NOT NULL, -- 0: not yet
    cause       TEXT    NOT NULL,
    note        TEXT    NOT NULL,
    legs        TEXT    NOT NULL, -- JSON
    messages    TEXT    NOT NULL, -- JSON
    dropped     INTEGER NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX call_open ON call (tenant) WHERE ended_at = 0;

-- Who had a free call lately. The number is hashed.
CREATE TABLE free_call (
    tenant TEXT   NOT NULL,
    number TEXT   NOT NULL,
    until  BIGINT NOT NULL, -- ms since 1970
    PRIMARY KEY (tenant, number)
);
CREATE INDEX free_call_until ON free_call (until);
