-- Settled steps of today that cost nothing, evenly over the runs that are running: no book has to know of them.
INSERT INTO step (
    workspace_id, run_id, step_id, reserved_micro_usd, cost_micro_usd, admitted_at, settled_at)
SELECT r.workspace_id, r.run_id, uuidv7(), 0, 0, clock_timestamp(), clock_timestamp()
FROM generate_series(1, %d) n
CROSS JOIN (SELECT workspace_id, run_id FROM run WHERE status = 'running') r
