-- What a snapshot of a workspace w at clock.now has beside its row: the books of its day and month, its overrides and its declared keys.
LEFT JOIN workspace_day today
    ON today.workspace_id = w.workspace_id AND today.day = (clock.now AT TIME ZONE 'UTC')::date
\ir month.sql
\ir overrides.sql
LEFT JOIN LATERAL (
    SELECT
        array_agg(k.name) AS key_names,
        array_agg(encode(k.digest, 'hex')) AS key_digests,
        array_agg(array_to_string(k.scopes, ' ')) AS key_scopes,
        array_agg((extract(epoch FROM k.expires_at) * 1000000)::bigint) AS key_expiries
    FROM api_key k
    WHERE k.workspace_id = w.workspace_id AND k.source = 'Declared' AND k.revoked_at IS NULL) keys ON true
