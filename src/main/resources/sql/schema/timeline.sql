-- Which cluster this server is of, and on which timeline: null on a standby, which has none of its own.
SELECT
    system_identifier AS system,
    CASE WHEN NOT pg_is_in_recovery()
        THEN ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::bigint
    END AS timeline
FROM pg_control_system()
