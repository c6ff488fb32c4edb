-- The COMMIT of a transaction that has written nothing waits for nobody. This writes to the server's log alone.
SELECT pg_logical_emit_message(true, 'workspace-operator', '')
