-- Writes the declared layer and no column of any other layer; a setting of a later release stays as it is.
UPDATE workspace
SET slug = :slug,
    state = :state,
    resource_uid = :resource_uid,
    resource_generation = :resource_generation,
    controller_epoch = :controller_epoch,
    plan = :plan,
    deletion_policy = :deletion_policy,
    declared_settings = (declared_settings - :known_settings::text[]) || :declared_settings::jsonb,
    declared_kill_switch = :declared_kill_switch,
    declared_kill_switch_since = :declared_kill_switch_since,
    declared_kill_switch_reason = :declared_kill_switch_reason,
    declared_notifications = :declared_notifications::jsonb,
    revision = revision + 1,
    declared_revision = declared_revision + 1,
    audit_seq = :audit_seq,
    audit_hash = :audit_hash,
    updated_at = :now
WHERE workspace_id = :workspace_id
