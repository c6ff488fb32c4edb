-- What Envoy tells of a call is believed only with a code that its admission gave. Any replica gave it, and any may hear
-- of it.
CREATE TABLE settlement_key (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    key       bytea   NOT NULL CHECK (octet_length(key) = 32)
);
COMMENT ON TABLE settlement_key IS 'The key under which settle_token is made: a secret of the installation, never shown.';

-- Each of the two has 122 bits of the server's strong random numbers.
INSERT INTO settlement_key (key)
VALUES (sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));
