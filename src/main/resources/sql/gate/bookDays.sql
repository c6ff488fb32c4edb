-- Amounts are differences. ON CONFLICT rather than UPDATE … FROM: its plan is the same however few rows there
-- were when it was made.
INSERT INTO workspace_day AS d (workspace_id, day, spent_micro_usd, reserved_micro_usd, last_decision_at)
SELECT n.workspace_id, n.day, n.spent, n.reserved, n.decided
FROM unnest(:day_workspace_ids::uuid[], :days::date[], :day_spent::bigint[], :day_reserved::bigint[],
    :day_decided::timestamptz[]) AS n (workspace_id, day, spent, reserved, decided)
ON CONFLICT (workspace_id, day) DO UPDATE
SET spent_micro_usd = d.spent_micro_usd + excluded.spent_micro_usd,
    reserved_micro_usd = d.reserved_micro_usd + excluded.reserved_micro_usd,
    last_decision_at = GREATEST(d.last_decision_at, excluded.last_decision_at)
