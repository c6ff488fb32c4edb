-- No row comes back where another cluster has this name and is not to be adopted.
INSERT INTO cluster AS known (name, uid, controller_epoch)
VALUES (:cluster, :cluster_uid, 1)
ON CONFLICT (name) DO UPDATE
    SET uid = excluded.uid, controller_epoch = known.controller_epoch + 1, updated_at = operator_clock()
    WHERE known.uid = excluded.uid OR :adopt
RETURNING controller_epoch
