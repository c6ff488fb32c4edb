SELECT
    w.workspace_id, w.state, w.resource_name, w.plan, w.active_runs,
    w.declared_settings, w.declared_kill_switch, w.declared_kill_switch_since, w.declared_kill_switch_reason,
    w.runtime_settings, w.runtime_kill_switch_since, w.runtime_kill_switch_reason,
    platform.kill_switch_since AS platform_kill_switch_since,
    platform.kill_switch_reason AS platform_kill_switch_reason,
    GREATEST((SELECT current_setting('workspace_operator.now')::timestamptz), latest.last_decision_at) AS now,
    COALESCE(latest.last_decision_at > (SELECT current_setting('workspace_operator.now')::timestamptz), false) AS ahead,
    latest.day, latest.spent_micro_usd, latest.reserved_micro_usd,
    overrides.*, month.*
FROM workspace w
JOIN platform ON platform.singleton
LEFT JOIN LATERAL (
    SELECT d.day, d.spent_micro_usd, d.reserved_micro_usd, d.last_decision_at
    FROM workspace_day d
    WHERE d.workspace_id = w.workspace_id
    ORDER BY d.day DESC LIMIT 1) latest ON true
\ir ../../sql-parts/overrides.sql
-- What the other days of the month have used matters where there is a budget of the month only.
LEFT JOIN LATERAL (
    SELECT
        sum(d.spent_micro_usd)::bigint AS month_spent_micro_usd,
        sum(d.reserved_micro_usd)::bigint AS month_reserved_micro_usd
    FROM workspace_day d
    WHERE (w.declared_settings -> 'monthly_budget_micro_usd' IS NOT NULL
        OR w.runtime_settings -> 'monthly_budget_micro_usd' IS NOT NULL
        OR 'monthly_budget_usd' = ANY (overrides.override_settings))
      AND d.workspace_id = w.workspace_id
      AND d.day >= date_trunc('month',
          GREATEST((SELECT current_setting('workspace_operator.now')::timestamptz), latest.last_decision_at)
              AT TIME ZONE 'UTC')::date
      AND d.day < (GREATEST((SELECT current_setting('workspace_operator.now')::timestamptz), latest.last_decision_at)
          AT TIME ZONE 'UTC')::date) month ON true
WHERE w.workspace_id = ANY (:workspace_ids::uuid[])
