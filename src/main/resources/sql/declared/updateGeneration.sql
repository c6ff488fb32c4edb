-- The resource moved on without a change of what it declares; to say that the kill switch is off is none.
UPDATE workspace
SET resource_uid = :resource_uid, resource_generation = :resource_generation, controller_epoch = :controller_epoch,
    declared_kill_switch = :declared_kill_switch
WHERE workspace_id = :workspace_id
