-- One value for the whole batch, read after its locks are held.
SELECT set_config('workspace_operator.now', operator_clock()::text, true)
