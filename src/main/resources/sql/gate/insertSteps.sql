-- unnest in the list, not in FROM: there each column would go through a store of tuples of its own.
INSERT INTO step (workspace_id, run_id, step_id, name, labels, reserved_micro_usd, admitted_at)
SELECT
    unnest(:new_step_workspace_ids::uuid[]), unnest(:new_step_run_ids::uuid[]), unnest(:new_step_ids::uuid[]),
    unnest(:new_step_names::text[]), unnest(:new_step_labels::text[])::jsonb, unnest(:new_step_reserved::bigint[]),
    unnest(:new_step_admitted::timestamptz[])
