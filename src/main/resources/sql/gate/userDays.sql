-- As runPage.
SELECT day, user_id, spent_micro_usd FROM user_day
WHERE (workspace_id, day) <= (:workspace_id, :to_day)
  AND (workspace_id, day, user_id) > (:workspace_id, :after_day, :after_user)
  AND spent_micro_usd <> 0
ORDER BY workspace_id, day, user_id
LIMIT :rows
