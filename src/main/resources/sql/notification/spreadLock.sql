SELECT pg_try_advisory_xact_lock(hashtextextended('notification-spread', 0)) AS mine
