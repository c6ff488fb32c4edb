-- What this program needs of a database, as it is for a session that sets nothing itself.
SELECT
    pg_backend_pid() AS session,
    current_setting('server_version_num')::integer AS version_number,
    current_setting('server_version') AS version,
    current_setting('server_encoding') AS encoding,
    current_database()::text AS database,
    current_user::text AS role,
    pg_is_in_recovery() AS standby,
    current_setting('synchronous_standby_names') <> '' AS has_standbys,
    to_regnamespace('public') IS NOT NULL AS has_schema,
    COALESCE(
        has_schema_privilege(to_regnamespace('public'), 'USAGE')
            AND has_schema_privilege(to_regnamespace('public'), 'CREATE'),
        false) AS may_create,
    ARRAY(
        SELECT format('%I', n.nspname)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relname = 'gate_lane' AND n.nspname <> 'public' AND to_regclass('public.gate_lane') IS NULL
        ORDER BY 1) AS schemas_with_tables,
    ARRAY(
        SELECT format('public.%I', c.relname)
        FROM pg_class c
        WHERE c.relnamespace = to_regnamespace('public')
          AND c.relkind IN ('r', 'p')
          AND regexp_replace(c.relname, '_[0-9]{8}$', '') IN (
              'api_key', 'audit', 'cluster', 'flyway_schema_history', 'gate_lane', 'idempotency_key', 'notification',
              'notification_delivery', 'notification_lane', 'platform',
              'run', 'run_day', 'settlement_key', 'step', 'user_day', 'workspace', 'workspace_day', 'workspace_override')
          AND to_regclass('public.gate_lane') IS NOT NULL
          AND NOT pg_has_role(c.relowner, 'USAGE')
        ORDER BY 1) AS foreign_tables,
    ARRAY(
        SELECT concat_ws(E'\n', name, setting, source) FROM pg_settings
        WHERE name IN ('fsync', 'full_page_writes', 'session_replication_role', 'synchronous_commit')
        ORDER BY name) AS settings
