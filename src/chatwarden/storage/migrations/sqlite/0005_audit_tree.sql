-- The tree of the log: where each year's begins, and what entries only commit to.

-- A year begins with its first row and ends where the next begins; one that is over may be dropped as a whole.
CREATE TABLE audit_years (
    year INTEGER NOT NULL PRIMARY KEY,
    first_seq INTEGER NOT NULL UNIQUE,
    dropped_at INTEGER
);
CREATE TRIGGER audit_years_are_never_removed BEFORE DELETE ON audit_years
BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER audit_years_are_dropped_once BEFORE UPDATE ON audit_years
WHEN OLD.dropped_at IS NOT NULL OR NEW.dropped_at IS NULL OR NEW.year <> OLD.year OR NEW.first_seq <> OLD.first_seq
BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;

-- Entries go with their year and never otherwise. The newest year has no next one, so it cannot be dropped.
DROP TRIGGER audit_is_never_shortened;
CREATE TRIGGER audit_is_never_shortened BEFORE DELETE ON audit WHEN NOT EXISTS (
    SELECT 1 FROM audit_years AS y WHERE y.dropped_at IS NOT NULL AND y.first_seq <= OLD.seq
    AND OLD.seq < (SELECT min(n.first_seq) FROM audit_years AS n WHERE n.first_seq > y.first_seq)
) BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;

-- Whose key is in which slot of HOME/keys/details.
CREATE TABLE audit_subjects (
    slot INTEGER NOT NULL PRIMARY KEY,
    subject TEXT NOT NULL
);

CREATE TABLE audit_details (
    entry TEXT NOT NULL PRIMARY KEY,
    slot INTEGER NOT NULL,
    sealed BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX audit_details_of ON audit_details (slot);
