INSERT INTO notification (workspace_id, type, "time", data, once)
VALUES (:workspace_id, :type, operator_clock(), :data::json, :once)
ON CONFLICT (once) DO NOTHING
