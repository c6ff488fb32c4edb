-- What metrics tell of a cluster's workspaces, a page of them. The page is taken first: what is looked up beside it is looked up for its rows alone.
WITH clock AS MATERIALIZED (SELECT operator_clock() AS now)
SELECT
    clock.now,
    w.cluster, w.namespace, w.resource_name, w.slug, w.state, w.plan, w.active_runs,
    w.declared_settings, w.declared_kill_switch, w.declared_kill_switch_since, w.declared_kill_switch_reason,
    w.runtime_settings, w.runtime_kill_switch_since, w.runtime_kill_switch_reason,
    platform.kill_switch_since AS platform_kill_switch_since,
    platform.kill_switch_reason AS platform_kill_switch_reason,
    today.spent_micro_usd,
    today.reserved_micro_usd,
    month.*,
    overrides.*
FROM clock
JOIN platform ON platform.singleton
CROSS JOIN (
    SELECT *
    FROM workspace
    WHERE cluster = :cluster
      AND (namespace, resource_name) > (:namespace, :resource_name)
      AND state <> 'ARCHIVED'
    ORDER BY namespace, resource_name
    LIMIT :rows) w
LEFT JOIN LATERAL (
    SELECT d.spent_micro_usd, d.reserved_micro_usd
    FROM workspace_day d
    WHERE d.workspace_id = w.workspace_id AND d.day = (clock.now AT TIME ZONE 'UTC')::date
    OFFSET 0) today ON true
\ir ../../sql-parts/month.sql
\ir ../../sql-parts/overrides.sql
ORDER BY w.namespace, w.resource_name
