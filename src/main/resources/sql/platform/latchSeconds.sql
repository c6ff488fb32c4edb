SELECT extract(epoch FROM operator_clock() - kill_switch_since)::float8 AS seconds
FROM platform
WHERE singleton AND kill_switch_since IS NOT NULL
