-- A digest that somebody else holds is skipped; then fewer rows come back than were asked for.
INSERT INTO api_key AS held (digest, key_id, workspace_id, name, scopes, source, created_at, expires_at)
SELECT wanted.digest, wanted.key_id, :workspace_id::uuid, wanted.name, string_to_array(wanted.scopes, ' '),
       'Declared', :now::timestamptz, wanted.expires_at::timestamptz
FROM unnest(:key_digests::bytea[], :key_ids::uuid[], :key_names::text[], :key_scopes::text[], :key_expiries::text[])
    AS wanted (digest, key_id, name, scopes, expires_at)
ORDER BY wanted.digest
ON CONFLICT (digest) DO UPDATE
    SET name = excluded.name, scopes = excluded.scopes, expires_at = excluded.expires_at, revoked_at = NULL
    WHERE held.workspace_id = excluded.workspace_id AND held.source = 'Declared'
RETURNING digest
