-- Amounts are differences.
INSERT INTO user_day AS d (workspace_id, day, user_id, spent_micro_usd, reserved_micro_usd)
SELECT n.workspace_id, n.day, n.user_id, n.spent, n.reserved
FROM unnest(:user_day_workspace_ids::uuid[], :user_days::date[], :user_day_user_ids::text[],
    :user_day_spent::bigint[], :user_day_reserved::bigint[]) AS n (workspace_id, day, user_id, spent, reserved)
ON CONFLICT (workspace_id, day, user_id) DO UPDATE
SET spent_micro_usd = d.spent_micro_usd + excluded.spent_micro_usd,
    reserved_micro_usd = d.reserved_micro_usd + excluded.reserved_micro_usd
