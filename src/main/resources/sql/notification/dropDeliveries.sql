DELETE FROM notification_delivery WHERE receiver = :receiver AND workspace_id = :workspace_id
