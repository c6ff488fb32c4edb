-- A day and its month, at one moment.
SELECT
    COALESCE(sum(spent_micro_usd) FILTER (WHERE day = :day), 0)::bigint AS spent_micro_usd,
    COALESCE(sum(reserved_micro_usd) FILTER (WHERE day = :day), 0)::bigint AS reserved_micro_usd,
    sum(spent_micro_usd)::bigint AS month_spent_micro_usd,
    sum(reserved_micro_usd)::bigint AS month_reserved_micro_usd
FROM workspace_day
WHERE workspace_id = :workspace_id
  AND day >= date_trunc('month', :day::date)::date AND day < (date_trunc('month', :day::date) + interval '1 month')::date
