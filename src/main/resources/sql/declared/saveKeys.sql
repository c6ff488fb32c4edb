-- A digest that somebody else holds is skipped; then fewer rows come back than were asked for. What this workspace
-- made by the REST API stays the same key, and is declared from now on; a revoked key's digest is nobody's.
INSERT INTO api_key AS held (digest, key_id, workspace_id, name, scopes, source, created_at, expires_at)
SELECT wanted.digest, wanted.key_id, :workspace_id::uuid, wanted.name, string_to_array(wanted.scopes, ' '),
       'Declared', :now::timestamptz, wanted.expires_at::timestamptz
FROM unnest(:key_digests::bytea[], :key_ids::uuid[], :key_names::text[], :key_scopes::text[], :key_expiries::text[])
    AS wanted (digest, key_id, name, scopes, expires_at)
ORDER BY wanted.digest
ON CONFLICT (digest) DO UPDATE
    SET key_id = CASE WHEN held.workspace_id = excluded.workspace_id THEN held.key_id ELSE excluded.key_id END,
        created_at = CASE WHEN held.workspace_id = excluded.workspace_id THEN held.created_at ELSE excluded.created_at END,
        workspace_id = excluded.workspace_id, source = excluded.source,
        name = excluded.name, scopes = excluded.scopes, expires_at = excluded.expires_at, revoked_at = NULL
    WHERE held.workspace_id = excluded.workspace_id OR held.revoked_at IS NOT NULL
RETURNING digest
