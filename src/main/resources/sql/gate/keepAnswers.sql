INSERT INTO idempotency_key (workspace_id, day, key, fingerprint, effect_kind, effect_id, created_at)
SELECT * FROM unnest(:kept_workspace_ids::uuid[], :kept_days::date[], :kept_keys::text[], :kept_fingerprints::text[],
    :kept_kinds::text[], :kept_effect_ids::uuid[], :kept_times::timestamptz[])
