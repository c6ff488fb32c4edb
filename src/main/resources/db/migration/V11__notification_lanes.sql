-- Bounds for whoever sends: each statement reads what it needs by an index, however much waits.

ALTER TABLE notification_lane ADD COLUMN idle_since timestamptz;
COMMENT ON COLUMN notification_lane.idle_since IS
    'Since when nothing waits in a lane whose receiver was slow or failed last: that is remembered for some minutes, so that what comes next is sent by those who have the patience.';

-- What a receiver is sent next; the index of all lanes together would be read past those of others.
DROP INDEX notification_lane_due;
CREATE INDEX notification_lane_of_receiver ON notification_lane (receiver, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX notification_lane_of_workspaces ON notification_lane ((failures > 0), due_at)
    WHERE receiver LIKE 'workspace/%';
CREATE INDEX notification_lane_of_installation ON notification_lane (due_at) WHERE receiver NOT LIKE 'workspace/%';
COMMENT ON INDEX notification_lane_of_installation IS 'For lanes of receivers that nobody knows any more.';
CREATE INDEX notification_lane_empty ON notification_lane (idle_since) WHERE due_at IS NULL;
COMMENT ON INDEX notification_lane_empty IS
    'For lanes in which nothing waits: of slow receivers, and of any that a release of schema 9 has emptied.';
COMMENT ON COLUMN notification_lane.receiver IS
    'The name of one of the installation, or workspace/ and the name of one of the workspace''s own.';
COMMENT ON COLUMN notification_lane.due_at IS
    'When the oldest delivery is to be tried; whoever tries moves it on first, so that nobody else does, and holds the lane for as long as it is what he made it.';
