SELECT key FROM settlement_key WHERE singleton
