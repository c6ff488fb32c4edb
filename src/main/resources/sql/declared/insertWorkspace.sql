INSERT INTO workspace (
    workspace_id, cluster, namespace, resource_name, slug, state,
    resource_uid, resource_generation, controller_epoch, plan, deletion_policy,
    declared_settings, declared_kill_switch, declared_kill_switch_since, declared_kill_switch_reason,
    declared_notifications,
    revision, declared_revision, audit_seq, audit_hash, created_at, updated_at)
VALUES (
    :workspace_id, :cluster, :namespace, :resource_name, :slug, :state,
    :resource_uid, :resource_generation, :controller_epoch, :plan, :deletion_policy,
    :declared_settings::jsonb, :declared_kill_switch, :declared_kill_switch_since, :declared_kill_switch_reason,
    :declared_notifications::jsonb,
    1, 1, :audit_seq, :audit_hash, :now, :now)
