-- Writes what the REST API can change; of the declared layer only while it is frozen does anything differ.
-- A setting of a later release stays as it is.
UPDATE workspace
SET declared_settings = (declared_settings - :known_settings::text[]) || :declared_settings::jsonb,
    declared_kill_switch = :declared_kill_switch,
    declared_kill_switch_since = :declared_kill_switch_since,
    runtime_settings = (runtime_settings - :known_settings::text[]) || :runtime_settings::jsonb,
    runtime_kill_switch_since = :runtime_kill_switch_since,
    runtime_kill_switch_reason = :runtime_kill_switch_reason
WHERE workspace_id = :workspace_id
