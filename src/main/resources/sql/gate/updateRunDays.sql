UPDATE run_day d
SET spent_micro_usd = d.spent_micro_usd + n.spent,
    reserved_micro_usd = d.reserved_micro_usd + n.reserved
FROM unnest(:run_day_workspace_ids::uuid[], :run_day_run_ids::uuid[], :run_days::date[],
    :run_day_spent::bigint[], :run_day_reserved::bigint[]) AS n (workspace_id, run_id, day, spent, reserved)
WHERE d.workspace_id = n.workspace_id AND d.run_id = n.run_id AND d.day = n.day
  AND d.run_id BETWEEN :first_run_id AND :last_run_id
