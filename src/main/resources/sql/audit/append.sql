INSERT INTO audit (
    workspace_id, seq, "time", actor, layer, field, before, after, reason, request_id, previous_hash, hash)
SELECT :chain::uuid, seq, :audit_time::timestamptz, actor, layer, field, before::json, after::json, reason, request_id,
       previous_hash, hash
FROM unnest(
    :audit_seqs::bigint[], :audit_actors::text[], :audit_layers::text[], :audit_fields::text[], :audit_befores::text[],
    :audit_afters::text[], :audit_reasons::text[], :audit_request_ids::text[], :audit_previous_hashes::bytea[],
    :audit_hashes::bytea[])
    AS entry (seq, actor, layer, field, before, after, reason, request_id, previous_hash, hash)
