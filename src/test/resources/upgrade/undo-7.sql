-- Takes schema version 7 back, which no release does: so that the harness, which speaks version 7 alone, can set up
-- what an earlier release then finds. The columns of before have all of it.
DROP TRIGGER workspace_settings_of_the_release_before ON workspace;
DROP FUNCTION keep_settings_of_the_release_before();
DROP FUNCTION settings_layer_after(jsonb, jsonb, jsonb, jsonb);
DROP FUNCTION settings_layer_of(text, bigint, bigint, integer);
ALTER TABLE workspace DROP COLUMN declared_settings, DROP COLUMN runtime_settings;
DROP DOMAIN settings_layer;
DROP FUNCTION is_settings_layer(jsonb);
ALTER TABLE workspace_override DROP CONSTRAINT workspace_override_of_a_number;
ALTER TABLE workspace_override
    ADD CONSTRAINT workspace_override_setting_check
        CHECK (setting IN ('daily_budget_usd', 'user_daily_budget_usd', 'max_concurrent_runs'));
DELETE FROM flyway_schema_history WHERE version = '7';
