-- 5,000 rows in each table, none of them dead; several statements in one go.
INSERT INTO cluster (name, uid, controller_epoch) SELECT 'c' || n, 'uid', 1 FROM generate_series(1, 100) AS n;
INSERT INTO workspace (
    workspace_id, cluster, namespace, resource_name, slug, state, resource_uid, resource_generation, controller_epoch,
    plan, deletion_policy, revision, declared_revision, created_at, updated_at)
SELECT
    lpad(to_hex(n), 32, '0')::uuid, 'c' || n % 100, 'n', 'r' || n, 's' || n, 'PRESENT', 'uid', 1, 1,
    'Scale', 'Retain', 1, 1, now(), now()
FROM generate_series(100, 5149) AS n
WHERE n % 100 > 0;
INSERT INTO api_key (digest, key_id, workspace_id, name, scopes, source, created_at)
SELECT sha256(workspace_id::text::bytea), gen_random_uuid(), workspace_id, 'k', '{runs:write}', 'Runtime', now()
FROM workspace;
INSERT INTO workspace_override (
    workspace_id, override_id, setting, value, reason, created_by, created_at, expires_at)
SELECT workspace_id, gen_random_uuid(), 'max_concurrent_runs', 1, 'why', 'test', now(), now() + interval '1 hour'
FROM workspace;
INSERT INTO workspace_day (workspace_id, day, last_decision_at)
SELECT workspace_id, (operator_clock() AT TIME ZONE 'UTC')::date, now() FROM workspace;
INSERT INTO user_day (workspace_id, day, user_id, spent_micro_usd, reserved_micro_usd)
SELECT workspace_id, (operator_clock() AT TIME ZONE 'UTC')::date, 'ada', 0, 0 FROM workspace;
INSERT INTO run (workspace_id, run_id, user_id, lease_seconds, status, started_at, lease_expires_at)
SELECT workspace_id, (left(first_id_of((operator_clock() AT TIME ZONE 'UTC')::date)::text, 13) || right(gen_random_uuid()::text, 23))::uuid,
    'ada', 60, 'running', now(), now() + interval '1 hour'
FROM workspace;
INSERT INTO run_day (workspace_id, run_id, day, spent_micro_usd, reserved_micro_usd)
SELECT workspace_id, run_id, (operator_clock() AT TIME ZONE 'UTC')::date, 0, 0 FROM run;
INSERT INTO step (workspace_id, run_id, step_id, reserved_micro_usd, admitted_at)
SELECT workspace_id, run_id, gen_random_uuid(), 1, now() FROM run;
INSERT INTO idempotency_key (workspace_id, day, key, fingerprint, effect_kind, effect_id, created_at)
SELECT workspace_id, (operator_clock() AT TIME ZONE 'UTC')::date, 'k', 'f', 'run', run_id, now() FROM run;
INSERT INTO gate_lane (lane_id, batch, marked_at) SELECT gen_random_uuid(), 1, now() FROM generate_series(1, 5000);
INSERT INTO audit (workspace_id, seq, "time", actor, layer, field, previous_hash, hash)
SELECT workspace_id, 1, now(), 'a', 'Runtime', 'f', '', '' FROM workspace;
ANALYZE;
