-- Frozen against its policy is what an earlier version left so.
SELECT namespace, resource_name, revision
FROM workspace
WHERE cluster = :cluster AND (state = 'PRESENT' OR (state = 'FROZEN' AND deletion_policy = 'Delete'))
