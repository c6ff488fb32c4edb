UPDATE platform SET audit_seq = :audit_seq, audit_hash = :audit_hash WHERE singleton
