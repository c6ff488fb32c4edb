-- What a workspace w has used in the month of clock.
LEFT JOIN LATERAL (
    SELECT
        sum(d.spent_micro_usd)::bigint AS month_spent_micro_usd,
        sum(d.reserved_micro_usd)::bigint AS month_reserved_micro_usd
    FROM workspace_day d
    WHERE d.workspace_id = w.workspace_id
      AND d.day >= date_trunc('month', clock.now AT TIME ZONE 'UTC')::date
      AND d.day < (date_trunc('month', clock.now AT TIME ZONE 'UTC') + interval '1 month')::date) month ON true
