-- The overrides of a workspace w that nobody has deleted and no sweep has ended; whether they are over is judged later.
LEFT JOIN LATERAL (
    SELECT
        array_agg(o.override_id) AS override_ids,
        array_agg(o.setting) AS override_settings,
        array_agg(o.value) AS override_values,
        array_agg((extract(epoch FROM o.expires_at) * 1000000)::bigint) AS override_expiries,
        array_agg((extract(epoch FROM o.created_at) * 1000000)::bigint) AS override_creations
    FROM workspace_override o
    WHERE o.workspace_id = w.workspace_id AND o.deleted_at IS NULL AND o.ended_at IS NULL) overrides ON true
