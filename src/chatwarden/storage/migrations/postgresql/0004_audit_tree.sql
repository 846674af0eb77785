-- The tree of the log: where each year's begins, and what entries only commit to.

-- A year begins with its first row and ends where the next begins; one that is over may be dropped as a whole.
CREATE TABLE audit_years (
    year BIGINT NOT NULL PRIMARY KEY,
    first_seq BIGINT NOT NULL UNIQUE,
    dropped_at BIGINT
);
CREATE TRIGGER audit_years_are_never_removed BEFORE DELETE OR TRUNCATE ON audit_years
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_years_are_dropped_once BEFORE UPDATE ON audit_years
    FOR EACH ROW WHEN (
        OLD.dropped_at IS NOT NULL OR NEW.dropped_at IS NULL OR NEW.year <> OLD.year OR NEW.first_seq <> OLD.first_seq
    ) EXECUTE FUNCTION refuse_change();

-- Entries go with their year and never otherwise. The newest year has no next one, so it cannot be dropped.
DROP TRIGGER audit_is_never_changed ON audit;
CREATE TRIGGER audit_is_never_changed BEFORE UPDATE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE FUNCTION refuse_shortening() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM audit_years AS y WHERE y.dropped_at IS NOT NULL AND y.first_seq <= OLD.seq
        AND OLD.seq < (SELECT min(n.first_seq) FROM audit_years AS n WHERE n.first_seq > y.first_seq)
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the log only grows' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER audit_is_never_shortened BEFORE DELETE ON audit FOR EACH ROW EXECUTE FUNCTION refuse_shortening();

-- Whose key is in which slot of HOME/keys/details.
CREATE TABLE audit_subjects (
    slot BIGINT NOT NULL PRIMARY KEY,
    subject TEXT NOT NULL
);

CREATE TABLE audit_details (
    entry TEXT NOT NULL PRIMARY KEY,
    slot BIGINT NOT NULL,
    sealed BYTEA NOT NULL
);
CREATE INDEX audit_details_of ON audit_details (slot);
