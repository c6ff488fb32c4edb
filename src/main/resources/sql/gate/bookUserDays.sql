-- Amounts are differences. unnest: see insertSteps.
INSERT INTO user_day AS d (workspace_id, day, user_id, spent_micro_usd, reserved_micro_usd)
SELECT
    unnest(:user_day_workspace_ids::uuid[]), unnest(:user_days::date[]), unnest(:user_day_user_ids::text[]),
    unnest(:user_day_spent::bigint[]), unnest(:user_day_reserved::bigint[])
ON CONFLICT (workspace_id, day, user_id) DO UPDATE
SET spent_micro_usd = d.spent_micro_usd + excluded.spent_micro_usd,
    reserved_micro_usd = d.reserved_micro_usd + excluded.reserved_micro_usd
