SELECT receiver FROM notification_lane
WHERE due_at <= operator_clock()
GROUP BY receiver
ORDER BY min(due_at)
LIMIT :receivers
