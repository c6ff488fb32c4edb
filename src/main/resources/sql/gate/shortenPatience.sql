-- For the rows of workspaces alone.
SELECT set_config('lock_timeout', :row_lock_timeout, true)
