-- Receivers of single workspaces, and bounds for whoever sends: each statement reads what it needs by an index, however
-- much waits. A release of schema 9 sends beside this one; it knows no receiver of a workspace and leaves theirs alone.

ALTER TABLE workspace ADD COLUMN declared_notifications jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN workspace.declared_notifications IS
    'Who is told of this workspace, as its manifest says: a list of objects with name, url, key and, if not all are wanted, types.';

-- What a receiver is sent next; the index of all lanes together would be read past those of others.
DROP INDEX notification_lane_due;
CREATE INDEX notification_lane_of_receiver ON notification_lane (receiver, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX notification_lane_of_workspaces ON notification_lane ((failures > 0), due_at)
    WHERE receiver LIKE 'workspace/%';
CREATE INDEX notification_lane_of_installation ON notification_lane (due_at) WHERE receiver NOT LIKE 'workspace/%';
COMMENT ON INDEX notification_lane_of_installation IS 'For lanes of receivers that nobody knows any more.';
CREATE INDEX notification_lane_empty ON notification_lane (receiver, workspace_id) WHERE due_at IS NULL;
COMMENT ON INDEX notification_lane_empty IS 'For lanes that a release of schema 9 has emptied: this one deletes them.';
COMMENT ON COLUMN notification_lane.receiver IS
    'The name of one of the installation, or workspace/ and the name of one of the workspace''s own.';
COMMENT ON COLUMN notification_lane.due_at IS
    'When the oldest delivery is to be tried; whoever tries moves it on first, so that nobody else does, and holds the lane for as long as it is what he made it.';

-- What is forgotten takes what nobody got of it along.
CREATE INDEX notification_delivery_by_seq ON notification_delivery (seq, receiver);

DROP INDEX notification_by_time;
CREATE INDEX notification_spread_by_time ON notification ("time") WHERE spread AND once IS NULL;
CREATE INDEX notification_once_by_time ON notification ("time") WHERE spread AND once IS NOT NULL;
