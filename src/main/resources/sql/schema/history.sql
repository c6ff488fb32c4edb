SELECT script, checksum, type = 'SQL' AND success AS applied FROM flyway_schema_history
