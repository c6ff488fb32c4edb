SELECT
    s.workspace_id, s.run_id, s.step_id, s.name, s.labels, s.reserved_micro_usd, s.cost_micro_usd,
    s.admitted_at, s.settled_at
FROM unnest(:step_workspace_ids::uuid[], :step_run_ids::uuid[], :step_ids::uuid[])
    AS asked (workspace_id, run_id, step_id)
CROSS JOIN LATERAL (
    SELECT * FROM step
    WHERE step.workspace_id = asked.workspace_id AND step.run_id = asked.run_id AND step.step_id = asked.step_id
      AND step.run_id BETWEEN :first_step_run_id AND :last_step_run_id LIMIT 1) s
