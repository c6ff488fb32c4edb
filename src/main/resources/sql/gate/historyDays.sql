SELECT day, spent_micro_usd, reserved_micro_usd FROM workspace_day
WHERE workspace_id = :workspace_id AND day >= :from_day AND day <= :to_day
ORDER BY day
