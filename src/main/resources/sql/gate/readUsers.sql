-- The books of users for whom runs are to start, of the workspace's present day.
SELECT u.workspace_id, u.user_id, u.spent_micro_usd, u.reserved_micro_usd
FROM unnest(:user_workspace_ids::uuid[], :user_ids::text[]) AS asked (workspace_id, user_id)
LEFT JOIN LATERAL (
    SELECT d.last_decision_at FROM workspace_day d
    WHERE d.workspace_id = asked.workspace_id ORDER BY d.day DESC LIMIT 1) latest ON true
CROSS JOIN LATERAL (
    SELECT * FROM user_day
    WHERE user_day.workspace_id = asked.workspace_id AND user_day.user_id = asked.user_id
      AND user_day.day = (GREATEST(
          (SELECT current_setting('workspace_operator.now')::timestamptz), latest.last_decision_at) AT TIME ZONE 'UTC')::date
    LIMIT 1) u
