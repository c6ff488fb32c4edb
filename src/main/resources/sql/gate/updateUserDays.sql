UPDATE user_day d
SET spent_micro_usd = d.spent_micro_usd + n.spent,
    reserved_micro_usd = d.reserved_micro_usd + n.reserved
FROM unnest(:user_day_workspace_ids::uuid[], :user_days::date[], :user_day_user_ids::text[],
    :user_day_spent::bigint[], :user_day_reserved::bigint[]) AS n (workspace_id, day, user_id, spent, reserved)
WHERE d.workspace_id = n.workspace_id AND d.day = n.day AND d.user_id = n.user_id
