-- The digests of the keys that were revoked, or nothing where something else was freed.
SELECT pg_notify('workspace_operator_freed', array_to_string(:digests::text[], ' '))
