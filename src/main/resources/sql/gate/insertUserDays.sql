INSERT INTO user_day (workspace_id, day, user_id, spent_micro_usd, reserved_micro_usd)
SELECT * FROM unnest(:new_user_day_workspace_ids::uuid[], :new_user_days::date[], :new_user_day_user_ids::text[],
    :new_user_day_spent::bigint[], :new_user_day_reserved::bigint[])
