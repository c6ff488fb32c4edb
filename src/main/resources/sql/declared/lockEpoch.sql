-- The fence: a controller that raises the epoch waits for this transaction, and no other sync does.
SELECT 1 FROM cluster WHERE name = :cluster FOR SHARE
