SELECT fingerprint, effect_kind, effect_id
FROM idempotency_key
WHERE workspace_id = :workspace_id
  AND key = :key
  AND day BETWEEN (:now::timestamptz AT TIME ZONE 'UTC')::date - 3 AND (:now::timestamptz AT TIME ZONE 'UTC')::date
  AND created_at > :now::timestamptz - interval '72 hours'
