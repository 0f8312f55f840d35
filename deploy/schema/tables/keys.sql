-- Keys. A key is announced (next), known to every mail host (distributed), in use (primary), and then old for as long
-- as anything depends on it. A retired key is out of use; a destroyed one is a name that remains.

CREATE TABLE lever.sealing_key (
    company_id bigint NOT NULL REFERENCES lever.company,
    key_id bytea NOT NULL CHECK (octet_length(key_id) = 20),
    public_key bytea NOT NULL CHECK (octet_length(public_key) = 91),
    purpose text NOT NULL DEFAULT 'reader' CHECK (purpose IN ('reader', 'escrow')),
    state text NOT NULL CHECK (state IN ('next', 'distributed', 'primary', 'old', 'retired', 'destroyed')),
    changed_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id, key_id)
);
CREATE UNIQUE INDEX sealing_key_one_to_come ON lever.sealing_key (company_id) WHERE state IN ('next', 'distributed');

COMMENT ON TABLE lever.sealing_key IS 'Public keys that messages are sealed to; the private keys are never here';
COMMENT ON COLUMN lever.sealing_key.company_id IS 'The company';
COMMENT ON COLUMN lever.sealing_key.key_id IS
    'Subject key identifier: the first 20 bytes of SHA-256 over the public key''s bits (RFC 7093, method 1)';
COMMENT ON COLUMN lever.sealing_key.public_key IS
    'SubjectPublicKeyInfo in DER: 91 bytes for an uncompressed point of P-256';
COMMENT ON COLUMN lever.sealing_key.purpose IS
    'A reader''s key, or an escrow key: a further recipient of every message that takes no part in rotation';
COMMENT ON COLUMN lever.sealing_key.state IS 'The stage of its life';
COMMENT ON COLUMN lever.sealing_key.changed_in IS 'The transaction that brought it into its state';
COMMENT ON COLUMN lever.sealing_key.created_at IS 'When it was added';

CREATE TABLE lever.company_secret (
    company_id bigint NOT NULL REFERENCES lever.company,
    kind text NOT NULL CHECK (kind IN ('marker', 'index')),
    version smallint NOT NULL CHECK (version BETWEEN 1 AND 255),
    secret bytea CHECK (octet_length(secret) = 32),
    state text NOT NULL CHECK (state IN ('next', 'distributed', 'primary', 'old', 'retired', 'destroyed')),
    changed_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id, kind, version),
    CONSTRAINT company_secret_is_destroyed CHECK ((secret IS NULL) = (state = 'destroyed'))
);
CREATE UNIQUE INDEX company_secret_one_primary ON lever.company_secret (company_id, kind) WHERE state = 'primary';
CREATE UNIQUE INDEX company_secret_one_to_come ON lever.company_secret (company_id, kind)
    WHERE state IN ('next', 'distributed');

COMMENT ON TABLE lever.company_secret IS 'HMAC keys';
COMMENT ON COLUMN lever.company_secret.company_id IS 'The company';
COMMENT ON COLUMN lever.company_secret.kind IS
    'marker signs the ids of threads; index makes blind indices and dedupe keys';
COMMENT ON COLUMN lever.company_secret.version IS 'Its number among the company''s keys of this kind';
COMMENT ON COLUMN lever.company_secret.secret IS 'The key; NULL once it is destroyed';
COMMENT ON COLUMN lever.company_secret.state IS 'The stage of its life';
COMMENT ON COLUMN lever.company_secret.changed_in IS 'The transaction that brought it into its state';
COMMENT ON COLUMN lever.company_secret.created_at IS 'When it was added';

CREATE TABLE lever.host_key (
    key_id bytea PRIMARY KEY CHECK (octet_length(key_id) = 20),
    host text NOT NULL CHECK (length(host) BETWEEN 1 AND 255),
    public_key bytea NOT NULL CHECK (octet_length(public_key) = 32),
    added_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz CHECK (revoked_at >= added_at)
);

COMMENT ON TABLE lever.host_key IS 'Public Ed25519 keys that verify what mail hosts signed';
COMMENT ON COLUMN lever.host_key.key_id IS 'The first 20 bytes of SHA-256 over the public key';
COMMENT ON COLUMN lever.host_key.host IS 'The mail host that signs with it';
COMMENT ON COLUMN lever.host_key.public_key IS 'The public key';
COMMENT ON COLUMN lever.host_key.added_at IS 'When it was registered';
COMMENT ON COLUMN lever.host_key.revoked_at IS
    'Messages stored from then on are not trusted with it; NULL while it is valid';

CREATE TABLE lever.former_head (
    company_id bigint NOT NULL REFERENCES lever.company,
    entry_id uuid NOT NULL,
    audit_seq bigint NOT NULL,
    kind text NOT NULL CHECK (kind IN ('message_key', 'candidate', 'address', 'mail_account', 'outbox')),
    head bytea NOT NULL CHECK (octet_length(head) > 0),
    PRIMARY KEY (company_id, entry_id, audit_seq)
);
CREATE INDEX former_head_by_row ON lever.former_head (company_id, audit_seq);

COMMENT ON TABLE lever.former_head IS
    'Heads that re-wrapping replaced, until a key that they name is destroyed or what they open is erased';
COMMENT ON COLUMN lever.former_head.company_id IS 'The company';
COMMENT ON COLUMN lever.former_head.entry_id IS 'The entry whose head it was';
COMMENT ON COLUMN lever.former_head.audit_seq IS 'The row of the audit that tells of the exchange';
COMMENT ON COLUMN lever.former_head.kind IS 'The table that the head belongs to';
COMMENT ON COLUMN lever.former_head.head IS 'The head before the exchange';
