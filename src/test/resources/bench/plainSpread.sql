\set id random(1, 1000)
BEGIN;
SELECT budget_micro_usd, reserved_micro_usd FROM plain_workspace WHERE workspace_id = :id FOR UPDATE;
INSERT INTO plain_step VALUES (:id, uuidv7(), 1, clock_timestamp());
UPDATE plain_workspace SET reserved_micro_usd = reserved_micro_usd + 1 WHERE workspace_id = :id;
COMMIT;
