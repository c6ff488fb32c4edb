-- As runPage.
SELECT user_id, spent_micro_usd, reserved_micro_usd FROM user_day
WHERE (workspace_id, day) <= (:workspace_id, :day)
  AND (workspace_id, day, user_id) > (:workspace_id, :day, COALESCE(:after::text, ''))
ORDER BY workspace_id, day, user_id
LIMIT :rows
