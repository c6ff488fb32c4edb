INSERT INTO workspace_day (workspace_id, day, spent_micro_usd, reserved_micro_usd, last_decision_at)
SELECT * FROM unnest(:new_day_workspace_ids::uuid[], :new_days::date[], :new_day_spent::bigint[],
    :new_day_reserved::bigint[], :new_day_decided::timestamptz[])
