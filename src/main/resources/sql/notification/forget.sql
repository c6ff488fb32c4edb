WITH old AS MATERIALIZED (
    SELECT seq FROM notification
    WHERE "time" < operator_clock() - interval '4 days' AND spread AND once IS NULL
    ORDER BY "time"
    LIMIT :events),
orphan AS (
    DELETE FROM notification_delivery d USING old WHERE d.seq = old.seq),
gone AS (
    DELETE FROM notification n USING old WHERE n.seq = old.seq RETURNING 1)
SELECT count(*) AS events FROM gone
