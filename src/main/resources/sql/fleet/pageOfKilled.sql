-- Those whose kill switch is on, or those whose is not; of the others as many are looked at as lie between.
SELECT w.workspace_id, 0::bigint AS spent_micro_usd
FROM workspace w
JOIN platform ON platform.singleton
WHERE (w.cluster, w.namespace, w.resource_name) > (:cluster, :namespace, :resource_name)
  AND :killed = (
      platform.kill_switch_since IS NOT NULL
      OR w.declared_kill_switch_since IS NOT NULL
      OR w.runtime_kill_switch_since IS NOT NULL)
ORDER BY w.cluster, w.namespace, w.resource_name
LIMIT :rows
