SELECT key FROM settlement_key
