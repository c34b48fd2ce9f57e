-- +goose Up
-- Stock of one session of one day, made when the first ticket is sold. The check is the last guard against overselling.
CREATE TABLE pool (
    tenant   TEXT    NOT NULL,
    place    TEXT    NOT NULL,
    date     TEXT    NOT NULL, -- YYYY-MM-DD in the city
    session  TEXT    NOT NULL,
    capacity INTEGER NOT NULL,
    sold     INTEGER NOT NULL,
    PRIMARY KEY (tenant, place, date, session),
    CHECK (sold >= 0 AND sold <= capacity)
);

CREATE TABLE booking (
    tenant       TEXT    NOT NULL,
    number       TEXT    NOT NULL,
    id           TEXT    NOT NULL, -- ULID, the order of listing
    code         TEXT    NOT NULL,
    booth        TEXT    NOT NULL,
    place        TEXT    NOT NULL,
    date         TEXT    NOT NULL,
    session      TEXT    NOT NULL,
    opens        TEXT    NOT NULL, -- HH:MM as promised when booked
    closes       TEXT    NOT NULL,
    tickets      INTEGER NOT NULL CHECK (tickets > 0),
    status       TEXT    NOT NULL CHECK (status IN ('confirmed', 'cancelled')),
    created_at   BIGINT  NOT NULL, -- ms since 1970
    cancelled_at BIGINT,
    PRIMARY KEY (tenant, number),
    UNIQUE (tenant, id),
    FOREIGN KEY (tenant, place, date, session) REFERENCES pool (tenant, place, date, session)
);

-- Idempotency: which booking a key made or changed, and for which request.
CREATE TABLE act (
    tenant      TEXT   NOT NULL,
    act_key     TEXT   NOT NULL, -- ULID
    fingerprint TEXT   NOT NULL,
    number      TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (tenant, act_key),
    -- Deferred: the act is written first, because it decides whether there will be a booking.
    FOREIGN KEY (tenant, number) REFERENCES booking (tenant, number) DEFERRABLE INITIALLY DEFERRED
);

-- Wrong codes and wrong passwords, until they are forgiven. Kept here so that a restart does not hand out new guesses.
CREATE TABLE failure (
    tenant  TEXT   NOT NULL,
    subject TEXT   NOT NULL,
    expires BIGINT NOT NULL -- ms since 1970
);
CREATE INDEX failure_subject ON failure (tenant, subject, expires);
CREATE INDEX failure_expires ON failure (expires);
