-- Whether the store has what a status remembers: a row of a chain, and when the installation was stopped.
SELECT
    EXISTS (
        SELECT FROM audit
        WHERE workspace_id = :workspace_id AND seq = :seq AND hash = :hash) AS has_head,
    EXISTS (
        SELECT FROM audit
        WHERE workspace_id = '00000000-0000-0000-0000-000000000000' AND "time" = :platform_since::timestamptz) AS has_platform
