-- A page is asked for in the whole order of its index, by rows that are compared with the place where it begins: no
-- other way to these rows would have that order, so none is chosen, whatever the planner believes of the values.
SELECT run_id FROM run
WHERE workspace_id >= :workspace_id
  AND (workspace_id, run_id)
      < (:workspace_id, COALESCE(:before::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
  AND run_id < COALESCE(:before::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
ORDER BY workspace_id DESC, run_id DESC
LIMIT :rows
