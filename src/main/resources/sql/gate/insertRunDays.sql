INSERT INTO run_day (workspace_id, run_id, day, spent_micro_usd, reserved_micro_usd)
SELECT * FROM unnest(:new_run_day_workspace_ids::uuid[], :new_run_day_run_ids::uuid[], :new_run_days::date[],
    :new_run_day_spent::bigint[], :new_run_day_reserved::bigint[])
