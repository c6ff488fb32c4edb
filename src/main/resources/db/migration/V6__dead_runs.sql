-- A workspace's dead runs are found without a look at those of others, however many there are.
CREATE INDEX run_lease_of_workspace ON run (workspace_id, lease_expires_at) WHERE status = 'running';
COMMENT ON INDEX run_lease_of_workspace IS 'Finds the runs of one workspace whose lease has ended, and those that run.';
