DELETE FROM gate_lane WHERE marked_at < clock_timestamp() - interval '7 days'
