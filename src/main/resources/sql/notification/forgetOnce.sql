-- What is told once is known for longer than anything is settled of the month that it is of. See forget.
WITH old AS MATERIALIZED (
    SELECT seq FROM notification
    WHERE "time" < (SELECT operator_clock() - interval '70 days') AND spread AND once IS NOT NULL
    ORDER BY "time"
    LIMIT :events),
orphan AS (
    DELETE FROM notification_delivery WHERE seq = ANY (ARRAY(SELECT seq FROM old))),
gone AS (
    DELETE FROM notification WHERE seq = ANY (ARRAY(SELECT seq FROM old)) RETURNING 1)
SELECT count(*) AS events FROM gone
