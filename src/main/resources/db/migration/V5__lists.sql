-- Every list that is read a page at a time has an index that has its whole order, filters included.

-- The list of a user's runs, of one status or of any.
CREATE INDEX run_of_user_by_status ON run (workspace_id, user_id, status, run_id);
COMMENT ON INDEX run_of_user_by_status IS
    'For the list of one user''s runs, of one status or merged from all of them, newest first.';
DROP INDEX run_of_user;

-- Running ones are found by run_lease: here they would cost each start and each heartbeat an entry.
CREATE INDEX run_ended ON run (workspace_id, status, run_id) WHERE status <> 'running';
COMMENT ON INDEX run_ended IS 'For the list of the runs that ended in one way, newest first.';

DROP INDEX workspace_override_open;
CREATE INDEX workspace_override_open ON workspace_override (workspace_id, created_at, override_id)
    WHERE deleted_at IS NULL AND ended_at IS NULL;

CREATE INDEX api_key_listed ON api_key (workspace_id, created_at, key_id) WHERE revoked_at IS NULL;
COMMENT ON INDEX api_key_listed IS 'For the list of a workspace''s keys, newest first.';
