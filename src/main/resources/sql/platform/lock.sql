SELECT operator_clock() AS now, kill_switch_since, kill_switch_reason, audit_seq, audit_hash FROM platform WHERE singleton FOR NO KEY UPDATE
