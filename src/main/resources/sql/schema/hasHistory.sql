SELECT to_regclass('flyway_schema_history') IS NOT NULL AS found
