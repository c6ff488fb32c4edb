-- The page of users that has one user at most.
SELECT user_id, spent_micro_usd, reserved_micro_usd FROM user_day
WHERE workspace_id = :workspace_id AND day = :day AND user_id = :user_id
  AND user_id > COALESCE(:after::text, '')
LIMIT :rows
