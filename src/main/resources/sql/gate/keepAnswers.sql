-- unnest: see insertSteps.
INSERT INTO idempotency_key (workspace_id, day, key, fingerprint, effect_kind, effect_id, created_at)
SELECT
    unnest(:kept_workspace_ids::uuid[]), unnest(:kept_days::date[]), unnest(:kept_keys::text[]),
    unnest(:kept_fingerprints::text[]), unnest(:kept_kinds::text[]), unnest(:kept_effect_ids::uuid[]),
    unnest(:kept_times::timestamptz[])
