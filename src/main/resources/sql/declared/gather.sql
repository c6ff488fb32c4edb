-- Always one row: everything that bears on one manifest, at one moment.
WITH clock AS MATERIALIZED (SELECT operator_clock() AS now)
SELECT
    clock.now,
    COALESCE((SELECT c.controller_epoch FROM cluster c WHERE c.name = :cluster), 0) AS current_epoch,
    :slug::text IS NOT NULL AND EXISTS (
        SELECT FROM workspace other
        WHERE other.slug = :slug AND other.state <> 'ARCHIVED'
          AND other.workspace_id IS DISTINCT FROM w.workspace_id) AS slug_taken,
    (SELECT array_agg(encode(k.digest, 'hex')) FROM api_key k
     WHERE k.digest = ANY (:digests::bytea[]) AND k.revoked_at IS NULL
       AND (k.source = 'Fleet' OR k.workspace_id IS DISTINCT FROM w.workspace_id)
       AND NOT EXISTS (
           SELECT FROM workspace holder
           WHERE holder.workspace_id = k.workspace_id AND holder.state = 'ARCHIVED')) AS foreign_digests,
    w.*,
    platform.kill_switch_since AS platform_kill_switch_since,
    platform.kill_switch_reason AS platform_kill_switch_reason,
    today.spent_micro_usd,
    today.reserved_micro_usd,
    month.*,
    overrides.*,
    keys.*
FROM clock
JOIN platform ON platform.singleton
LEFT JOIN workspace w
    ON w.cluster = :cluster AND w.namespace = :namespace AND w.resource_name = :resource_name
LEFT JOIN workspace_day today
    ON today.workspace_id = w.workspace_id AND today.day = (clock.now AT TIME ZONE 'UTC')::date
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
LEFT JOIN LATERAL (
    SELECT
        array_agg(k.name) AS key_names,
        array_agg(encode(k.digest, 'hex')) AS key_digests,
        array_agg(array_to_string(k.scopes, ' ')) AS key_scopes,
        array_agg((extract(epoch FROM k.expires_at) * 1000000)::bigint) AS key_expiries
    FROM api_key k
    WHERE k.workspace_id = w.workspace_id AND k.source = 'Declared' AND k.revoked_at IS NULL) keys ON true
