-- +goose Up
-- What a booking at a clinic has beyond a ticket. Its place is the clinic's id, and its quota is a pool like any other.
-- Of the patient's document only the kind and the last four characters are kept.
CREATE TABLE registration (
    tenant       TEXT    NOT NULL,
    number       TEXT    NOT NULL,
    place        TEXT    NOT NULL,
    date         TEXT    NOT NULL,
    session      TEXT    NOT NULL,
    queue        INTEGER NOT NULL CHECK (queue > 0), -- never given out twice, not even after a cancellation
    document     TEXT    NOT NULL CHECK (document IN ('id-card', 'insurance', 'passport', 'none')),
    tail         TEXT    NOT NULL CHECK (length(tail) <= 4),
    fee_yuan     INTEGER NOT NULL,
    fee_verified INTEGER NOT NULL CHECK (fee_verified IN (0, 1)),
    PRIMARY KEY (tenant, number),
    UNIQUE (tenant, place, date, session, queue),
    FOREIGN KEY (tenant, number) REFERENCES booking (tenant, number)
);
