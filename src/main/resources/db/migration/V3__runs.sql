-- Runs and their steps, and the books of each user and of each run.
-- Everything here is written under the lock of the workspace's row, which therefore stands for all of it.
-- No foreign keys: the hot path pays for none, and a day of runs is dropped whole.

CREATE FUNCTION first_id_of(day date) RETURNS uuid
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN encode(
        substring(int8send((extract(epoch FROM day::timestamp) * 1000)::bigint) FROM 3) || '\x00000000000000000000', 'hex')::uuid;
COMMENT ON FUNCTION first_id_of(date) IS 'What every UUIDv7 of a UTC day or a later one is not below.';

CREATE OR REPLACE FUNCTION make_day_partition(parent regclass, day date) RETURNS boolean
    LANGUAGE plpgsql
AS $$
DECLARE
    parent_name text;
    partition_name text;
    by_id boolean;
BEGIN
    SELECT relname INTO STRICT parent_name FROM pg_class WHERE oid = parent;
    SELECT a.atttypid = 'uuid'::regtype INTO STRICT by_id
    FROM pg_partitioned_table p JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
    WHERE p.partrelid = parent;
    partition_name := format('%s_%s', parent_name, to_char(day, 'YYYYMMDD'));
    PERFORM pg_advisory_xact_lock(hashtextextended('make_day_partition', parent::oid::bigint));
    IF to_regclass(quote_ident(partition_name)) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I (LIKE %s INCLUDING ALL)', partition_name, parent);
    EXECUTE format('ALTER TABLE %I SET (fillfactor = %s)', partition_name, CASE WHEN by_id THEN 60 ELSE 100 END);
    EXECUTE format('COMMENT ON TABLE %I IS %L', partition_name, format('%s of %s.', parent_name, day));
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        parent, partition_name,
        CASE WHEN by_id THEN first_id_of(day)::text ELSE day::text END,
        CASE WHEN by_id THEN first_id_of(day + 1)::text ELSE (day + 1)::text END);
    RETURN true;
END
$$;
COMMENT ON FUNCTION make_day_partition(regclass, date) IS
    'Makes the partition of a UTC day, of a table by days or, with room for updates, by UUIDv7, unless it is there: created and then attached, so that readers and writers of the table go on. True if it was made.';

ALTER TABLE workspace_day ADD COLUMN last_decision_at timestamptz NOT NULL DEFAULT '1970-01-01 00:00:00+00';
ALTER TABLE workspace_day
    DROP CONSTRAINT workspace_day_spent_micro_usd_check,
    DROP CONSTRAINT workspace_day_reserved_micro_usd_check;
COMMENT ON TABLE workspace_day IS
    'What a workspace used on a UTC day of the reservation, by the database''s clock (I8). Written by differences, which may be negative: the command check finds a sum that is.';
COMMENT ON COLUMN workspace_day.last_decision_at IS
    'The clock of the newest decision of that day; of the newest day it is the time before which no decision falls.';

CREATE TABLE user_day (
    workspace_id       uuid   NOT NULL,
    day                date   NOT NULL,
    user_id            text   NOT NULL,
    spent_micro_usd    bigint NOT NULL,
    reserved_micro_usd bigint NOT NULL,
    PRIMARY KEY (workspace_id, day, user_id)
) WITH (fillfactor = 70);
COMMENT ON TABLE user_day IS 'What a user used in a workspace on a UTC day of the reservation (I8).';
COMMENT ON COLUMN user_day.spent_micro_usd IS 'Settled and charged cost (I1).';
COMMENT ON COLUMN user_day.reserved_micro_usd IS 'Highest cost of the steps that are still open (I2).';

CREATE TABLE run (
    workspace_id       uuid        NOT NULL,
    run_id             uuid        NOT NULL,
    user_id            text        NOT NULL,
    labels             jsonb,
    lease_seconds      integer     NOT NULL CHECK (lease_seconds > 0),
    max_cost_micro_usd bigint      CHECK (max_cost_micro_usd >= 0),
    status             text        NOT NULL
        CHECK (status IN ('running', 'succeeded', 'failed', 'cancelled', 'expired')),
    started_at         timestamptz NOT NULL,
    lease_expires_at   timestamptz NOT NULL,
    finished_at        timestamptz,
    cancel_reason      text,
    cancelled_by       text,
    PRIMARY KEY (workspace_id, run_id),
    CONSTRAINT run_is_running_until_it_ends CHECK ((finished_at IS NULL) = (status = 'running'))
) PARTITION BY RANGE (run_id);
CREATE INDEX run_lease ON run (lease_expires_at, workspace_id) WHERE status = 'running';
CREATE INDEX run_of_user ON run (workspace_id, user_id, run_id);
COMMENT ON TABLE run IS
    'Every run, a partition for each UTC day of its start: run_id is a UUIDv7 and carries the time.';
COMMENT ON COLUMN run.run_id IS 'UUIDv7 from the database''s clock.';
COMMENT ON COLUMN run.labels IS 'An object of strings; NULL for none.';
COMMENT ON COLUMN run.max_cost_micro_usd IS 'The run''s own cap; NULL: none.';
COMMENT ON COLUMN run.lease_expires_at IS 'Exclusive; a heartbeat moves it.';
COMMENT ON COLUMN run.finished_at IS 'When it ended, in whatever way.';
COMMENT ON COLUMN run.cancelled_by IS 'Who cancelled it, if a person did.';
COMMENT ON INDEX run_of_user IS 'For the list of one user''s runs, newest first.';
COMMENT ON INDEX run_lease IS 'Finds the runs whose lease has ended.';

CREATE TABLE run_day (
    workspace_id       uuid   NOT NULL,
    run_id             uuid   NOT NULL,
    day                date   NOT NULL,
    spent_micro_usd    bigint NOT NULL,
    reserved_micro_usd bigint NOT NULL,
    PRIMARY KEY (workspace_id, run_id, day)
) PARTITION BY RANGE (run_id);
COMMENT ON TABLE run_day IS
    'What a run used on a UTC day of the reservation. At its end the sums are charged without a look at its steps.';

CREATE TABLE step (
    workspace_id       uuid        NOT NULL,
    run_id             uuid        NOT NULL,
    step_id            uuid        NOT NULL,
    name               text,
    labels             jsonb,
    reserved_micro_usd bigint      NOT NULL CHECK (reserved_micro_usd >= 0),
    cost_micro_usd     bigint      CHECK (cost_micro_usd >= 0),
    admitted_at        timestamptz NOT NULL,
    settled_at         timestamptz,
    PRIMARY KEY (workspace_id, run_id, step_id),
    CONSTRAINT step_has_a_cost_once_settled CHECK ((cost_micro_usd IS NULL) = (settled_at IS NULL))
) PARTITION BY RANGE (run_id);
COMMENT ON TABLE step IS
    'Every step, beside its run. One without a cost is open while its run is running, and charged its reservation after.';
COMMENT ON COLUMN step.admitted_at IS 'Its UTC day is the day that it is booked on (I8).';

CREATE TABLE gate_lane (
    lane_id   uuid        PRIMARY KEY,
    batch     bigint      NOT NULL,
    marked_at timestamptz NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE gate_lane IS
    'The newest committed batch of each lane of each replica: tells what became of a COMMIT whose answer was lost.';

SELECT make_day_partition(parent, (operator_clock() AT TIME ZONE 'UTC')::date + ahead)
FROM unnest('{run,run_day,step}'::regclass[]) AS parent, generate_series(0, 7) AS ahead;
