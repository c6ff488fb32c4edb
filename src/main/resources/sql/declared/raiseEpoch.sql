-- No row comes back where another cluster has this name and is not to be adopted. By the clock in microseconds, so that
-- an epoch that was raised after a backup is not raised a second time once that is restored.
INSERT INTO cluster AS known (name, uid, controller_epoch)
VALUES (:cluster, :cluster_uid, (extract(epoch FROM operator_clock()) * 1000000)::bigint)
ON CONFLICT (name) DO UPDATE
    SET uid = excluded.uid,
        controller_epoch = GREATEST(known.controller_epoch + 1, excluded.controller_epoch),
        updated_at = operator_clock()
    WHERE known.uid = excluded.uid OR :adopt
RETURNING controller_epoch
