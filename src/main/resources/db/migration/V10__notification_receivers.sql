-- Receivers of single workspaces. A release of schema 9 sends beside this one; it knows no receiver of a workspace and leaves
-- theirs alone. This migration and the three that follow take one table each: while they wait for one, they hold no other.

ALTER TABLE workspace ADD COLUMN declared_notifications jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN workspace.declared_notifications IS
    'Who is told of this workspace, as its manifest says: a list of objects with name, url, key and, if not all are wanted, types.';
