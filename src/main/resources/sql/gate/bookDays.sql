-- Amounts are differences. ON CONFLICT rather than UPDATE … FROM: its plan is the same however few rows there
-- were when it was made. unnest: see insertSteps.
INSERT INTO workspace_day AS d (workspace_id, day, spent_micro_usd, reserved_micro_usd, last_decision_at)
SELECT
    unnest(:day_workspace_ids::uuid[]), unnest(:days::date[]), unnest(:day_spent::bigint[]),
    unnest(:day_reserved::bigint[]), unnest(:day_decided::timestamptz[])
ON CONFLICT (workspace_id, day) DO UPDATE
SET spent_micro_usd = d.spent_micro_usd + excluded.spent_micro_usd,
    reserved_micro_usd = d.reserved_micro_usd + excluded.reserved_micro_usd,
    last_decision_at = GREATEST(d.last_decision_at, excluded.last_decision_at)
