-- +goose Up
CREATE TABLE account (
    tenant TEXT NOT NULL,
    name   TEXT NOT NULL,
    hash   TEXT NOT NULL, -- argon2id with its parameters
    roles  TEXT NOT NULL, -- comma-separated
    PRIMARY KEY (tenant, name)
);

CREATE TABLE login (
    token_hash TEXT   NOT NULL PRIMARY KEY, -- of the cookie; the cookie itself is nowhere
    tenant     TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    expires    BIGINT NOT NULL, -- ms since 1970
    FOREIGN KEY (tenant, name) REFERENCES account (tenant, name)
);
CREATE INDEX login_account ON login (tenant, name);
CREATE INDEX login_expires ON login (expires);
