SELECT
    count(*) AS waiting,
    COALESCE(extract(epoch FROM operator_clock() - min(n."time")), 0)::bigint AS oldest_seconds
FROM (SELECT seq FROM notification_delivery LIMIT :most) d JOIN notification n USING (seq)
