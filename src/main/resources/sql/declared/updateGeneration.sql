-- The resource moved on without a change of what it declares.
UPDATE workspace
SET resource_uid = :resource_uid, resource_generation = :resource_generation, controller_epoch = :controller_epoch
WHERE workspace_id = :workspace_id
