-- unnest: see insertSteps.
INSERT INTO step (workspace_id, run_id, step_id, reserved_micro_usd, admitted_at, cost_micro_usd, settled_at)
SELECT
    unnest(:settled_workspace_ids::uuid[]), unnest(:settled_run_ids::uuid[]), unnest(:settled_step_ids::uuid[]),
    unnest(:settled_reserved::bigint[]), unnest(:settled_admitted::timestamptz[]), unnest(:settled_costs::bigint[]),
    unnest(:settled_at::timestamptz[])
ON CONFLICT (workspace_id, run_id, step_id) DO UPDATE
SET cost_micro_usd = excluded.cost_micro_usd, settled_at = excluded.settled_at
