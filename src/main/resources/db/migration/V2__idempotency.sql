-- Days as partitions, and the keys by which callers name an effect so that it happens once (I6).

CREATE FUNCTION make_day_partition(parent regclass, day date) RETURNS boolean
    LANGUAGE plpgsql
AS $$
DECLARE
    parent_name text;
    partition_name text;
BEGIN
    SELECT relname INTO STRICT parent_name FROM pg_class WHERE oid = parent;
    partition_name := format('%s_%s', parent_name, to_char(day, 'YYYYMMDD'));
    PERFORM pg_advisory_xact_lock(hashtextextended('make_day_partition', parent::oid::bigint));
    IF to_regclass(quote_ident(partition_name)) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE %s INCLUDING ALL)', partition_name, parent);
    EXECUTE format('COMMENT ON TABLE %I IS %L', partition_name, format('%s of %s.', parent_name, day));
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        parent, partition_name, day, day + 1);
    RETURN true;
END
$$;
COMMENT ON FUNCTION make_day_partition(regclass, date) IS
    'Makes the partition of a UTC day, unless it is there: created and then attached, so that readers and writers of the table go on. True if it was made.';

CREATE TABLE idempotency_key (
    workspace_id uuid        NOT NULL,
    day          date        NOT NULL,
    key          text        NOT NULL,
    fingerprint  text        NOT NULL,
    effect_kind  text        NOT NULL,
    effect_id    uuid        NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, day, key)
) PARTITION BY RANGE (day);
COMMENT ON TABLE idempotency_key IS
    'What a caller''s Idempotency-Key stands for. A key is unique for 72 hours: whoever stores one holds the lock of the workspace''s row and has looked at that day and the three before.';
COMMENT ON COLUMN idempotency_key.workspace_id IS
    'No foreign key: to attach a partition would lock the table workspace.';
COMMENT ON COLUMN idempotency_key.day IS 'UTC day of created_at.';
COMMENT ON COLUMN idempotency_key.fingerprint IS 'SHA-256 as hex of method, path and canonical body.';
COMMENT ON COLUMN idempotency_key.effect_kind IS 'What was made: override, api-key …';
COMMENT ON COLUMN idempotency_key.effect_id IS 'Its id.';

SELECT make_day_partition('idempotency_key', (operator_clock() AT TIME ZONE 'UTC')::date + ahead)
FROM generate_series(0, 7) AS ahead;
