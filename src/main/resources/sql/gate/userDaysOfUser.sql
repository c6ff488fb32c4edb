SELECT day, user_id, spent_micro_usd FROM user_day
WHERE workspace_id = :workspace_id AND user_id = :user_id
  AND day = ANY (ARRAY(SELECT :from_day::date + n FROM generate_series(0, :to_day::date - :from_day::date) AS n))
  AND (day, user_id) > (:after_day, :after_user)
  AND spent_micro_usd <> 0
ORDER BY day
LIMIT :rows
