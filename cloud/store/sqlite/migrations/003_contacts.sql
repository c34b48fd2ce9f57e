-- +goose Up
-- Languages an agent speaks, the best first, comma-separated.
ALTER TABLE account ADD COLUMN langs TEXT NOT NULL DEFAULT 'zh,en';

CREATE TABLE contact (
    tenant      TEXT    NOT NULL,
    id          TEXT    NOT NULL, -- ULID, the order of listing
    booth       TEXT    NOT NULL,
    place       TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    state       INTEGER NOT NULL, -- contact.State
    handoff     TEXT    NOT NULL, -- JSON of what the bot knew
    created_at  BIGINT  NOT NULL, -- ms since 1970, 0 for never; so the others
    queued_at   BIGINT  NOT NULL,
    answered_at BIGINT  NOT NULL,
    ended_at    BIGINT  NOT NULL,
    agent       TEXT    NOT NULL,
    disposition TEXT    NOT NULL,
    note        TEXT    NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX contact_open ON contact (tenant, id) WHERE state <> 7; -- 7 is closed

-- What happened to a contact, in the order of n.
CREATE TABLE contact_event (
    tenant  TEXT    NOT NULL,
    contact TEXT    NOT NULL,
    n       INTEGER NOT NULL,
    at      BIGINT  NOT NULL,
    kind    TEXT    NOT NULL,
    text    TEXT    NOT NULL,
    PRIMARY KEY (tenant, contact, n),
    FOREIGN KEY (tenant, contact) REFERENCES contact (tenant, id)
);

-- What was typed on the call, in the order of n.
CREATE TABLE contact_text (
    tenant  TEXT    NOT NULL,
    contact TEXT    NOT NULL,
    n       INTEGER NOT NULL,
    at      BIGINT  NOT NULL,
    who     TEXT    NOT NULL,
    text    TEXT    NOT NULL,
    PRIMARY KEY (tenant, contact, n),
    FOREIGN KEY (tenant, contact) REFERENCES contact (tenant, id)
);
