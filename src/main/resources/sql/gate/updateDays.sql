UPDATE workspace_day d
SET spent_micro_usd = d.spent_micro_usd + n.spent,
    reserved_micro_usd = d.reserved_micro_usd + n.reserved,
    last_decision_at = GREATEST(d.last_decision_at, n.decided)
FROM unnest(:day_workspace_ids::uuid[], :days::date[], :day_spent::bigint[], :day_reserved::bigint[],
    :day_decided::timestamptz[]) AS n (workspace_id, day, spent, reserved, decided)
WHERE d.workspace_id = n.workspace_id AND d.day = n.day
