-- What happened that people are to be told: written in the transaction of what happened, so that neither is without the
-- other, and sent to receivers by any replica of the API afterwards.

CREATE TABLE notification (
    seq          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id     uuid        NOT NULL DEFAULT gen_random_uuid(),
    workspace_id uuid        NOT NULL,
    type         text        NOT NULL,
    "time"       timestamptz NOT NULL,
    data         json        NOT NULL,
    once         text        UNIQUE,
    spread       boolean     NOT NULL DEFAULT false
);
COMMENT ON TABLE notification IS
    'Events, in the order of each workspace: whoever writes one holds the lock of its row, of the platform''s row for the installation (the nil UUID), or of the identity of a resource that has no workspace yet (a UUID made of its UID).';
COMMENT ON COLUMN notification.type IS 'What follows dev.workspaceoperator. in the type of the CloudEvent.';
COMMENT ON COLUMN notification.once IS 'What is to be told once: a second event of the same is not written.';
COMMENT ON COLUMN notification.spread IS 'Whether each receiver has its delivery.';
CREATE INDEX notification_to_spread ON notification (seq) WHERE NOT spread;
CREATE INDEX notification_by_time ON notification ("time");

CREATE TABLE notification_delivery (
    receiver     text   NOT NULL,
    workspace_id uuid   NOT NULL,
    seq          bigint NOT NULL,
    PRIMARY KEY (receiver, workspace_id, seq)
);
COMMENT ON TABLE notification_delivery IS 'What a receiver has not got yet.';

CREATE TABLE notification_lane (
    receiver     text        NOT NULL,
    workspace_id uuid        NOT NULL,
    due_at       timestamptz,
    failures     integer     NOT NULL DEFAULT 0,
    PRIMARY KEY (receiver, workspace_id)
);
COMMENT ON TABLE notification_lane IS
    'What one receiver gets of one workspace, one after the other. No lock of it is ever waited for by what happens.';
COMMENT ON COLUMN notification_lane.due_at IS
    'When the oldest delivery is to be tried; whoever tries moves it on first, so that nobody else does. NULL while there is none.';
COMMENT ON COLUMN notification_lane.failures IS 'How often in a row the oldest one failed.';
CREATE INDEX notification_lane_due ON notification_lane (due_at) WHERE due_at IS NOT NULL;

-- Kill switches and overrides have an audit row, whichever release and whatever way they go.
CREATE FUNCTION notify_of_audit() RETURNS trigger
    LANGUAGE plpgsql
AS $$
DECLARE
    was text := NEW.before::text;
    is_now text := NEW.after::text;
BEGIN
    IF NEW.layer = 'Override' THEN
        INSERT INTO notification (workspace_id, type, "time", data)
        VALUES (
            NEW.workspace_id,
            CASE WHEN is_now IS NULL THEN 'override.ended' ELSE 'override.started' END,
            NEW."time",
            json_build_object(
                'field', NEW.field,
                'override', COALESCE(NEW.after, NEW.before),
                'reason', NEW.reason,
                'actor', NEW.actor,
                'request_id', NEW.request_id));
    ELSIF (is_now = 'true') IS DISTINCT FROM (was = 'true') AND (is_now = 'true' OR was = 'true') THEN
        INSERT INTO notification (workspace_id, type, "time", data)
        VALUES (
            NEW.workspace_id,
            CASE WHEN is_now = 'true' THEN 'kill-switch.activated' ELSE 'kill-switch.released' END,
            NEW."time",
            json_build_object(
                'latch', CASE NEW.layer WHEN 'Frozen' THEN 'Declared' ELSE NEW.layer END,
                'reason', NEW.reason,
                'actor', NEW.actor,
                'request_id', NEW.request_id));
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION notify_of_audit() IS 'Writes the event of an audit row of a latch or an override.';

CREATE TRIGGER audit_notifies AFTER INSERT ON audit
    FOR EACH ROW WHEN (NEW.field = 'kill_switch' OR NEW.layer = 'Override')
    EXECUTE FUNCTION notify_of_audit();
