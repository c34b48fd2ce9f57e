-- +goose Up
-- Times are ms since 1970, 0 for never. Tables whose rows are found by their key alone have no rowid, so that a row costs one tree.

-- What operators say of a booth. What the booth says of itself changes often and is in booth_live.
CREATE TABLE booth (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    place_zh     TEXT    NOT NULL,
    place_en     TEXT    NOT NULL,
    district     TEXT    NOT NULL,
    grp          TEXT    NOT NULL,
    note         TEXT    NOT NULL,
    lat          DOUBLE PRECISION,
    lon          DOUBLE PRECISION,
    standing     TEXT    NOT NULL CHECK (standing IN ('in_service', 'quarantined', 'retired')),
    reason       TEXT    NOT NULL,
    claimed_at   BIGINT  NOT NULL,
    claimed_by   TEXT    NOT NULL,
    cert_expires BIGINT  NOT NULL,
    token_sha256 TEXT    NOT NULL, -- how it proves itself towards the core; '' of a retired one
    ha1_md5      TEXT    NOT NULL,
    ha1_sha256   TEXT    NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX booth_standing ON booth (tenant, standing, id);
CREATE INDEX booth_grp      ON booth (tenant, grp, id);
CREATE INDEX booth_district ON booth (tenant, district, id);
CREATE INDEX booth_token    ON booth (tenant, token_sha256);

CREATE TABLE booth_live (
    tenant     TEXT    NOT NULL,
    booth      TEXT    NOT NULL,
    presence   TEXT    NOT NULL,
    since      BIGINT  NOT NULL,
    drift      INTEGER NOT NULL,
    last_seen  BIGINT  NOT NULL,
    epoch      BIGINT  NOT NULL,
    boot       TEXT    NOT NULL,
    births     TEXT    NOT NULL, -- ids of its latest birth messages, newest first
    birth_at   BIGINT  NOT NULL,
    birth_mono BIGINT  NOT NULL,
    skew       BIGINT  NOT NULL, -- its wall clock minus ours, ms
    fw         TEXT    NOT NULL,
    board      TEXT    NOT NULL,
    cfgv       BIGINT  NOT NULL, -- desired version that it has applied
    beat       INTEGER NOT NULL, -- seconds between two heartbeats
    visit      INTEGER NOT NULL,
    pulse      TEXT    NOT NULL, -- its last heartbeat, JSON, '' for none
    PRIMARY KEY (tenant, booth),
    FOREIGN KEY (tenant, booth) REFERENCES booth (tenant, id)
) WITHOUT ROWID;
CREATE INDEX booth_live_presence ON booth_live (tenant, presence, booth);
CREATE INDEX booth_live_drift    ON booth_live (tenant, drift, booth);

-- Certificates, forever: a key that was once one booth's is never another's.
CREATE TABLE certificate (
    serial     TEXT   NOT NULL PRIMARY KEY,
    tenant     TEXT   NOT NULL,
    booth      TEXT   NOT NULL,
    public_key TEXT   NOT NULL, -- SHA-256
    issued     BIGINT NOT NULL,
    not_after  BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL
);
CREATE INDEX certificate_key     ON certificate (public_key);
CREATE INDEX certificate_booth   ON certificate (tenant, booth);
CREATE INDEX certificate_revoked ON certificate (tenant, revoked_at);

-- Booths that wait to be claimed, and for a while those that were.
CREATE TABLE waiting (
    id          TEXT   NOT NULL PRIMARY KEY,
    tenant      TEXT   NOT NULL,
    code_hash   TEXT   NOT NULL,
    secret_hash TEXT   NOT NULL,
    csr         TEXT   NOT NULL,
    public_key  TEXT   NOT NULL,
    board       TEXT   NOT NULL,
    fw          TEXT   NOT NULL,
    created     BIGINT NOT NULL,
    expires     BIGINT NOT NULL,
    booth       TEXT   NOT NULL, -- '' while it waits
    cert        TEXT   NOT NULL,
    place_zh    TEXT   NOT NULL,
    place_en    TEXT   NOT NULL
);
CREATE INDEX waiting_code    ON waiting (tenant, code_hash);
CREATE INDEX waiting_key     ON waiting (tenant, public_key);
CREATE INDEX waiting_expires ON waiting (expires);

CREATE TABLE invitation (
    token_hash TEXT   NOT NULL PRIMARY KEY,
    tenant     TEXT   NOT NULL,
    booth      TEXT   NOT NULL,
    place      TEXT   NOT NULL, -- JSON
    actor      TEXT   NOT NULL,
    created    BIGINT NOT NULL,
    expires    BIGINT NOT NULL,
    used_by    TEXT   NOT NULL
);
CREATE INDEX invitation_expires ON invitation (expires);

-- How far each outbox is stored. n numbers the outboxes of a booth in the order in which they were first heard of.
CREATE TABLE outbox (
    tenant TEXT    NOT NULL,
    booth  TEXT    NOT NULL,
    outbox TEXT    NOT NULL,
    n      INTEGER NOT NULL,
    upto   BIGINT  NOT NULL, -- all rows up to here are stored
    ahead  TEXT    NOT NULL, -- rows stored beyond a hole: JSON object of seq to the seq before it; '' for none
    PRIMARY KEY (tenant, booth, outbox)
) WITHOUT ROWID;

-- The key is the order in which a booth saw its facts, and with it the second guard against storing one twice. sub is 0 of what the booth
-- told; what the fleet itself finds comes after the latest of the booth's rows.
CREATE TABLE event (
    tenant   TEXT    NOT NULL,
    booth    TEXT    NOT NULL,
    ob       INTEGER NOT NULL, -- outbox.n
    seq      BIGINT  NOT NULL,
    sub      INTEGER NOT NULL,
    id       TEXT    NOT NULL,
    at       BIGINT  NOT NULL, -- by the booth's clock, corrected
    received BIGINT  NOT NULL,
    type     TEXT    NOT NULL,
    visit    TEXT    NOT NULL,
    data     TEXT    NOT NULL, -- JSON
    PRIMARY KEY (tenant, booth, ob, seq, sub)
) WITHOUT ROWID;

-- Newest value of every series of a booth, and roll-ups of 5 minutes: JSON objects by the series' name. A booth has a handful of series and
-- always sends them together, so one row a booth instead of one a series writes an eighth.
CREATE TABLE series_last (
    tenant TEXT   NOT NULL,
    booth  TEXT   NOT NULL,
    at     BIGINT NOT NULL,
    doc    TEXT   NOT NULL, -- name: value
    PRIMARY KEY (tenant, booth)
) WITHOUT ROWID;

CREATE TABLE series_5m (
    tenant TEXT   NOT NULL,
    booth  TEXT   NOT NULL,
    at     BIGINT NOT NULL, -- start of the 5 minutes
    doc    TEXT   NOT NULL, -- name: [n, min, max, sum]
    PRIMARY KEY (tenant, booth, at)
) WITHOUT ROWID;

CREATE TABLE desired (
    tenant  TEXT   NOT NULL,
    booth   TEXT   NOT NULL,
    version BIGINT NOT NULL,
    config  TEXT   NOT NULL,
    actor   TEXT   NOT NULL,
    note    TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    PRIMARY KEY (tenant, booth, version)
) WITHOUT ROWID;

-- The twin of a booth: version is the newest of desired, the rest is what the booth said last.
CREATE TABLE twin (
    tenant  TEXT   NOT NULL,
    booth   TEXT   NOT NULL,
    version BIGINT NOT NULL,
    answers BIGINT NOT NULL, -- version that reported answers
    applied TEXT   NOT NULL, -- JSON, '' when it has not said
    errors  TEXT   NOT NULL, -- JSON by field, '' for none
    at      BIGINT NOT NULL,
    PRIMARY KEY (tenant, booth)
) WITHOUT ROWID;

CREATE TABLE command (
    tenant     TEXT    NOT NULL,
    booth      TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    cmd        TEXT    NOT NULL,
    args       TEXT    NOT NULL,
    force      INTEGER NOT NULL,
    not_before BIGINT  NOT NULL,
    expires    BIGINT  NOT NULL,
    state      TEXT    NOT NULL,
    open       INTEGER NOT NULL, -- 1 while something may still come
    step       INTEGER NOT NULL, -- of the newest result
    result     TEXT    NOT NULL, -- JSON, '' for none
    error      TEXT    NOT NULL,
    actor      TEXT    NOT NULL,
    created    BIGINT  NOT NULL,
    sent       BIGINT  NOT NULL,
    sends      INTEGER NOT NULL,
    last_sent  BIGINT  NOT NULL,
    changed    BIGINT  NOT NULL,
    steps      TEXT    NOT NULL, -- JSON: each state with its time
    PRIMARY KEY (tenant, booth, id)
);
CREATE INDEX command_open ON command (open, tenant, booth, id);
CREATE INDEX command_over ON command (open, expires);
CREATE UNIQUE INDEX command_id ON command (tenant, id);

-- Each entry holds the hash of the one before it.
CREATE TABLE audit (
    tenant TEXT   NOT NULL,
    n      BIGINT NOT NULL,
    id     TEXT   NOT NULL,
    at     BIGINT NOT NULL,
    actor  TEXT   NOT NULL,
    action TEXT   NOT NULL,
    booth  TEXT   NOT NULL,
    data   TEXT   NOT NULL,
    hash   TEXT   NOT NULL,
    PRIMARY KEY (tenant, n)
);
CREATE INDEX audit_booth ON audit (tenant, booth, n);
CREATE INDEX audit_actor ON audit (tenant, actor, n);
