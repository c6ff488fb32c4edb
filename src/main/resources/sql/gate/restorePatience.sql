-- As the session has it.
SELECT set_config('lock_timeout', :lock_timeout, true)
