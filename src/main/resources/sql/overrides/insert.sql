INSERT INTO workspace_override (
    workspace_id, override_id, setting, value, reason, created_by, created_at, expires_at)
VALUES (:workspace_id, :override_id, :setting, :value, :reason, :created_by, :now, :expires_at)
