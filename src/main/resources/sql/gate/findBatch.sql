-- Waits for the transaction that marked it, also where that is the lane's first: what it inserts cannot be seen or
-- locked before its end, only met by an INSERT of the same key. Batches begin with 1.
INSERT INTO gate_lane AS lane (lane_id, batch, marked_at)
VALUES (:lane_id, 0, clock_timestamp())
ON CONFLICT (lane_id) DO UPDATE SET batch = lane.batch
RETURNING batch
