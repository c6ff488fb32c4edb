-- See due: an array bounds a look at an index, too.
WITH old AS MATERIALIZED (
    SELECT seq FROM notification
    WHERE "time" < (SELECT operator_clock() - interval '4 days') AND spread AND once IS NULL
    ORDER BY "time"
    LIMIT :events),
orphan AS (
    DELETE FROM notification_delivery WHERE seq = ANY (ARRAY(SELECT seq FROM old))),
gone AS (
    DELETE FROM notification WHERE seq = ANY (ARRAY(SELECT seq FROM old)) RETURNING 1)
SELECT count(*) AS events FROM gone
