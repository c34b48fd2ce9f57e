-- +goose Up
-- An emergency: what was dialled, and whether it was a test.
ALTER TABLE contact ADD COLUMN number TEXT NOT NULL DEFAULT '';
ALTER TABLE contact ADD COLUMN test INTEGER NOT NULL DEFAULT 0;

-- What a search looks through, in lower case.
ALTER TABLE contact ADD COLUMN search TEXT NOT NULL DEFAULT '';
UPDATE contact SET search = lower(id || ' ' || booth || ' ' || place || ' ' || agent || ' ' || note);
CREATE INDEX contact_search ON contact (tenant, id, search); -- read by itself: the rows are long, and few of them match
CREATE INDEX contact_kind ON contact (tenant, kind, id);
CREATE INDEX contact_state ON contact (tenant, state, id);
CREATE INDEX contact_agent ON contact (tenant, agent, id);
CREATE INDEX contact_created ON contact (tenant, created_at, id);

CREATE INDEX call_contact ON call (tenant, contact, id);

-- An account that may not come in any more keeps its name: the records name it.
ALTER TABLE account ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0;
