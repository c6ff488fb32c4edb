-- Whoever sweeps a workspace first does it; the others do not queue for its row.
SELECT pg_try_advisory_xact_lock(hashtextextended('sweep_overrides/' || :workspace_id::text, 0)) AS mine
