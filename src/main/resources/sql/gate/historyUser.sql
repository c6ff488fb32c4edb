-- The page of users that has one user at most.
SELECT user_id, sum(spent_micro_usd)::bigint AS spent_micro_usd, sum(reserved_micro_usd)::bigint AS reserved_micro_usd
FROM user_day
WHERE workspace_id = :workspace_id AND user_id = :user_id
  AND day = ANY (ARRAY(SELECT :from_day::date + n FROM generate_series(0, :to_day::date - :from_day::date) AS n))
GROUP BY user_id
