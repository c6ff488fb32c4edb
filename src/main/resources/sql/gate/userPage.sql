SELECT user_id, spent_micro_usd, reserved_micro_usd FROM user_day
WHERE workspace_id = :workspace_id AND day = :day
  AND (:user_id::text IS NULL OR user_id = :user_id)
  AND (:after::text IS NULL OR user_id > :after)
ORDER BY user_id
LIMIT :rows
