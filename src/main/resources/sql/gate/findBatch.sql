-- Waits for the transaction that marked it.
SELECT batch FROM gate_lane WHERE lane_id = :lane_id FOR UPDATE
