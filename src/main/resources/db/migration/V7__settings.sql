-- What each layer says of the settings is one object, so that a new setting needs no column.

CREATE FUNCTION is_settings_layer(layer jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN COALESCE(jsonb_typeof(layer) = 'object' AND (
        SELECT COALESCE(bool_and(CASE
            WHEN said.key = 'name' THEN
                jsonb_typeof(said.value) = 'string' AND char_length(said.value #>> '{}') BETWEEN 1 AND 120
            WHEN jsonb_typeof(said.value) <> 'number' THEN false
            WHEN said.key ~ '^[a-z_]+_micro_usd$' THEN
                said.value::numeric = 9223372036854775807
                OR (said.value::numeric BETWEEN 0 AND 1000000000000000 AND said.value::numeric % 1 = 0)
            WHEN said.key ~ '^[a-z_]+_runs$' THEN
                said.value::numeric BETWEEN 0 AND 1000000 AND said.value::numeric % 1 = 0
            ELSE false END), true)
        FROM jsonb_each(CASE WHEN jsonb_typeof(layer) = 'object' THEN layer ELSE '{}' END) said), false);
COMMENT ON FUNCTION is_settings_layer(jsonb) IS
    'Whether each value is one that a setting may have: which type it is of is told by the end of its key.';

CREATE DOMAIN settings_layer AS jsonb CONSTRAINT settings_in_bounds CHECK (is_settings_layer(VALUE));
COMMENT ON DOMAIN settings_layer IS
    'What a layer says of each setting, as {"daily_budget_micro_usd": 25500000}: money in micro-USD, 9223372036854775807 for unlimited. Without a key: this layer is silent.';

CREATE FUNCTION settings_layer_of(name text, daily_budget bigint, user_daily_budget bigint, max_concurrent_runs integer)
    RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN jsonb_strip_nulls(jsonb_build_object(
        'name', name,
        'daily_budget_micro_usd', daily_budget,
        'user_daily_budget_micro_usd', user_daily_budget,
        'max_concurrent_runs', max_concurrent_runs));
COMMENT ON FUNCTION settings_layer_of(text, bigint, bigint, integer) IS
    'A layer from the columns that it was before.';

ALTER TABLE workspace
    ADD COLUMN declared_settings settings_layer NOT NULL DEFAULT '{}',
    ADD COLUMN runtime_settings settings_layer NOT NULL DEFAULT '{}';
UPDATE workspace
SET declared_settings = settings_layer_of(
        declared_name, declared_daily_budget_micro_usd, declared_user_daily_budget_micro_usd,
        declared_max_concurrent_runs),
    runtime_settings = settings_layer_of(
        runtime_name, runtime_daily_budget_micro_usd, runtime_user_daily_budget_micro_usd,
        runtime_max_concurrent_runs);
COMMENT ON COLUMN workspace.declared_settings IS 'The declared layer.';
COMMENT ON COLUMN workspace.runtime_settings IS 'The runtime layer.';

-- Replicas of the release before this one go on meanwhile, and know the columns alone. They are kept for that release,
-- and nothing else reads them.
CREATE FUNCTION settings_layer_after(layer jsonb, layer_before jsonb, columns jsonb, columns_before jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
        WHEN layer = layer_before AND columns <> columns_before THEN
            (layer - ARRAY ['name', 'daily_budget_micro_usd', 'user_daily_budget_micro_usd', 'max_concurrent_runs'])
            || columns
        ELSE layer END;
COMMENT ON FUNCTION settings_layer_after(jsonb, jsonb, jsonb, jsonb) IS
    'A layer after a write: what the columns say, as layers, where they were written and it was not.';

CREATE FUNCTION keep_settings_of_the_release_before() RETURNS trigger
    LANGUAGE plpgsql
AS $$
BEGIN
    -- OLD is null where a row is inserted.
    NEW.declared_settings := settings_layer_after(
        NEW.declared_settings, COALESCE(OLD.declared_settings, '{}'),
        settings_layer_of(
            NEW.declared_name, NEW.declared_daily_budget_micro_usd, NEW.declared_user_daily_budget_micro_usd,
            NEW.declared_max_concurrent_runs),
        settings_layer_of(
            OLD.declared_name, OLD.declared_daily_budget_micro_usd, OLD.declared_user_daily_budget_micro_usd,
            OLD.declared_max_concurrent_runs));
    NEW.declared_name := NEW.declared_settings ->> 'name';
    NEW.declared_daily_budget_micro_usd := NEW.declared_settings ->> 'daily_budget_micro_usd';
    NEW.declared_user_daily_budget_micro_usd := NEW.declared_settings ->> 'user_daily_budget_micro_usd';
    NEW.declared_max_concurrent_runs := NEW.declared_settings ->> 'max_concurrent_runs';

    NEW.runtime_settings := settings_layer_after(
        NEW.runtime_settings, COALESCE(OLD.runtime_settings, '{}'),
        settings_layer_of(
            NEW.runtime_name, NEW.runtime_daily_budget_micro_usd, NEW.runtime_user_daily_budget_micro_usd,
            NEW.runtime_max_concurrent_runs),
        settings_layer_of(
            OLD.runtime_name, OLD.runtime_daily_budget_micro_usd, OLD.runtime_user_daily_budget_micro_usd,
            OLD.runtime_max_concurrent_runs));
    NEW.runtime_name := NEW.runtime_settings ->> 'name';
    NEW.runtime_daily_budget_micro_usd := NEW.runtime_settings ->> 'daily_budget_micro_usd';
    NEW.runtime_user_daily_budget_micro_usd := NEW.runtime_settings ->> 'user_daily_budget_micro_usd';
    NEW.runtime_max_concurrent_runs := NEW.runtime_settings ->> 'max_concurrent_runs';
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION keep_settings_of_the_release_before() IS
    'Whichever form of a layer is written, the other says the same.';
CREATE TRIGGER workspace_settings_of_the_release_before
    BEFORE INSERT OR UPDATE OF
        declared_settings, declared_name, declared_daily_budget_micro_usd, declared_user_daily_budget_micro_usd,
        declared_max_concurrent_runs,
        runtime_settings, runtime_name, runtime_daily_budget_micro_usd, runtime_user_daily_budget_micro_usd,
        runtime_max_concurrent_runs
    ON workspace
    FOR EACH ROW EXECUTE FUNCTION keep_settings_of_the_release_before();

-- Any setting that is a number may have an override; which there are is the program's to say.
ALTER TABLE workspace_override DROP CONSTRAINT workspace_override_setting_check;
ALTER TABLE workspace_override
    ADD CONSTRAINT workspace_override_of_a_number CHECK (setting ~ '^[a-z_]+_(usd|runs)$');
