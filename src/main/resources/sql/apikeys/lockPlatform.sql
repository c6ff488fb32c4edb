SELECT operator_clock() AS now, audit_seq, audit_hash FROM platform FOR NO KEY UPDATE
