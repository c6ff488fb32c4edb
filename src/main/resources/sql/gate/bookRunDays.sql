-- Amounts are differences.
INSERT INTO run_day AS d (workspace_id, run_id, day, spent_micro_usd, reserved_micro_usd)
SELECT n.workspace_id, n.run_id, n.day, n.spent, n.reserved
FROM unnest(:run_day_workspace_ids::uuid[], :run_day_run_ids::uuid[], :run_days::date[],
    :run_day_spent::bigint[], :run_day_reserved::bigint[]) AS n (workspace_id, run_id, day, spent, reserved)
ON CONFLICT (workspace_id, run_id, day) DO UPDATE
SET spent_micro_usd = d.spent_micro_usd + excluded.spent_micro_usd,
    reserved_micro_usd = d.reserved_micro_usd + excluded.reserved_micro_usd
