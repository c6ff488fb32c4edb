-- A key is unique for 72 hours, across days: whoever stores one holds the lock of the workspace's row.
SELECT k.workspace_id, k.key, k.fingerprint, k.effect_kind, k.effect_id
FROM unnest(:key_workspace_ids::uuid[], :keys::text[]) AS asked (workspace_id, key)
LEFT JOIN LATERAL (
    SELECT d.last_decision_at FROM workspace_day d
    WHERE d.workspace_id = asked.workspace_id ORDER BY d.day DESC LIMIT 1) latest ON true
CROSS JOIN LATERAL (
    SELECT GREATEST((SELECT current_setting('workspace_operator.now')::timestamptz), latest.last_decision_at) AS now) clock
CROSS JOIN LATERAL (
    SELECT * FROM idempotency_key
    WHERE idempotency_key.workspace_id = asked.workspace_id AND idempotency_key.key = asked.key
      AND idempotency_key.day
          BETWEEN (clock.now AT TIME ZONE 'UTC')::date - 3 AND (clock.now AT TIME ZONE 'UTC')::date
      AND idempotency_key.day
          >= ((SELECT current_setting('workspace_operator.now')::timestamptz) AT TIME ZONE 'UTC')::date - 3
      AND idempotency_key.created_at > clock.now - interval '72 hours'
    LIMIT 1) k
