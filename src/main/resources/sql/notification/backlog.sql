-- Of the installation's receivers: what a workspace's own do is not its affair. Each part is read to a bound.
SELECT
    (SELECT COALESCE(sum(one.waiting), 0)::bigint
     FROM unnest(:receivers::text[]) AS wanted (receiver)
     CROSS JOIN LATERAL (
         SELECT count(*) AS waiting FROM (
             SELECT FROM notification_delivery d WHERE d.receiver = wanted.receiver LIMIT :most) counted) one) AS waiting,
    COALESCE(
        (SELECT extract(epoch FROM operator_clock() - n."time")::bigint
         FROM (
             SELECT d.seq, d.receiver FROM notification_delivery d
             WHERE d.receiver NOT LIKE 'workspace/%'
             ORDER BY d.seq
             LIMIT :most) first
         JOIN notification n ON n.seq = first.seq
         WHERE first.receiver = ANY (:receivers::text[])
         ORDER BY first.seq
         LIMIT 1),
        0) AS oldest_seconds
