-- As undo-7.sql, of schema version 6.
DROP INDEX run_lease_of_workspace;
DELETE FROM flyway_schema_history WHERE version = '6';
