-- One look at an index for each receiver, however many lanes it has. (SELECT …): else the time, which may differ from
-- row to row as far as PostgreSQL knows, is held against each row there is, and bounds no look at an index.
SELECT wanted.receiver
FROM unnest(:receivers::text[]) AS wanted (receiver)
CROSS JOIN LATERAL (
    SELECT lane.due_at FROM notification_lane lane
    WHERE lane.receiver = wanted.receiver AND lane.due_at <= (SELECT operator_clock())
    ORDER BY lane.due_at
    LIMIT 1) oldest
ORDER BY oldest.due_at
