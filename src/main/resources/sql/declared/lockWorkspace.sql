SELECT 1 FROM workspace
WHERE cluster = :cluster AND namespace = :namespace AND resource_name = :resource_name
FOR NO KEY UPDATE
