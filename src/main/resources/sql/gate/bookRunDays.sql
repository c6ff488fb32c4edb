-- Amounts are differences. unnest: see insertSteps.
INSERT INTO run_day AS d (workspace_id, run_id, day, spent_micro_usd, reserved_micro_usd)
SELECT
    unnest(:run_day_workspace_ids::uuid[]), unnest(:run_day_run_ids::uuid[]), unnest(:run_days::date[]),
    unnest(:run_day_spent::bigint[]), unnest(:run_day_reserved::bigint[])
ON CONFLICT (workspace_id, run_id, day) DO UPDATE
SET spent_micro_usd = d.spent_micro_usd + excluded.spent_micro_usd,
    reserved_micro_usd = d.reserved_micro_usd + excluded.reserved_micro_usd
