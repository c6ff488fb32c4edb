-- Events that stand for what is told once are kept for longer than the month that they may be of.
WITH old AS (
    SELECT seq FROM notification
    WHERE "time" < operator_clock() - CASE WHEN once IS NULL THEN interval '4 days' ELSE interval '40 days' END AND spread
    ORDER BY "time"
    LIMIT :events),
orphan AS (
    DELETE FROM notification_delivery d USING old WHERE d.seq = old.seq)
DELETE FROM notification n USING old WHERE n.seq = old.seq
