-- First of all: whoever looks this row up after a lost COMMIT waits for the outcome of this transaction.
INSERT INTO gate_lane AS lane (lane_id, batch, marked_at)
VALUES (:lane_id, :batch, clock_timestamp())
ON CONFLICT (lane_id) DO UPDATE SET batch = excluded.batch, marked_at = excluded.marked_at
