-- One process drops at a time; the others leave it to that one.
SELECT pg_try_advisory_xact_lock(hashtextextended('drop_day_partitions/' || :parent, 0)) AS mine
