INSERT INTO step (workspace_id, run_id, step_id, name, labels, reserved_micro_usd, admitted_at)
SELECT n.workspace_id, n.run_id, n.step_id, n.name, n.labels::jsonb, n.reserved, n.admitted_at
FROM unnest(:new_step_workspace_ids::uuid[], :new_step_run_ids::uuid[], :new_step_ids::uuid[], :new_step_names::text[],
    :new_step_labels::text[], :new_step_reserved::bigint[], :new_step_admitted::timestamptz[])
    AS n (workspace_id, run_id, step_id, name, labels, reserved, admitted_at)
