INSERT INTO idempotency_key (workspace_id, day, key, fingerprint, effect_kind, effect_id, created_at)
VALUES (:workspace_id, (:now::timestamptz AT TIME ZONE 'UTC')::date, :key, :fingerprint, :effect_kind, :effect_id, :now)
