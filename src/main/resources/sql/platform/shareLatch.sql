-- Shared by every admission, taken alone by the platform's kill switch. An advisory lock, since row locks that
-- are shared cost a multixact and a write each.
SELECT pg_advisory_xact_lock_shared(:platform_latch_lock)
