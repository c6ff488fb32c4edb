-- What the seven fields of these workspaces are made of, at one moment: a row for each override that may be in
-- force, or one without any; ids that are unknown have no row.
WITH clock AS MATERIALIZED (SELECT operator_clock() AS now)
SELECT
    clock.now,
    w.workspace_id, CASE WHEN w.state <> 'ARCHIVED' THEN w.slug END AS slug, w.resource_name, w.plan,
    w.declared_settings, w.declared_kill_switch, w.declared_kill_switch_since, w.declared_kill_switch_reason,
    w.runtime_settings, w.runtime_kill_switch_since, w.runtime_kill_switch_reason,
    platform.kill_switch_since AS platform_kill_switch_since,
    platform.kill_switch_reason AS platform_kill_switch_reason,
    o.override_id, o.setting AS override_setting, o.value AS override_value,
    o.expires_at AS override_expires_at, o.created_at AS override_created_at
FROM clock
JOIN platform ON platform.singleton
CROSS JOIN workspace w
LEFT JOIN workspace_override o
    ON o.workspace_id = w.workspace_id AND o.deleted_at IS NULL AND o.ended_at IS NULL
WHERE w.workspace_id = ANY (:workspace_ids::uuid[])
