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
LEFT JOIN LATERAL (
    SELECT
        sum(d.spent_micro_usd)::bigint AS month_spent_micro_usd,
        sum(d.reserved_micro_usd)::bigint AS month_reserved_micro_usd
    FROM workspace_day d
    WHERE d.workspace_id = w.workspace_id
      AND d.day >= date_trunc('month', clock.now AT TIME ZONE 'UTC')::date
      AND d.day < (date_trunc('month', clock.now AT TIME ZONE 'UTC') + interval '1 month')::date) month ON true
LEFT JOIN LATERAL (
    SELECT
        array_agg(o.override_id) AS override_ids,
        array_agg(o.setting) AS override_settings,
        array_agg(o.value) AS override_values,
        array_agg((extract(epoch FROM o.expires_at) * 1000000)::bigint) AS override_expiries,
        array_agg((extract(epoch FROM o.created_at) * 1000000)::bigint) AS override_creations
    FROM workspace_override o
    WHERE o.workspace_id = w.workspace_id AND o.deleted_at IS NULL AND o.ended_at IS NULL) overrides ON true
ORDER BY w.namespace, w.resource_name
