-- The life of keys, and the mail hosts that must know of it.
--
-- A key is announced (next), known to every mail host (distributed), in use (primary), and then, while anything still
-- depends on it, old. Retired keys are out of use; destroyed ones are a name that remains.

SET LOCAL ROLE lever_owner;

-- Who has taken which routing. Every statement that changes routing makes a new generation.
CREATE TABLE lever.routing_generation (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    generation bigint NOT NULL
);
INSERT INTO lever.routing_generation (generation) VALUES (1);

CREATE OR REPLACE FUNCTION lever.announce_routing() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE lever.routing_generation SET generation = generation + 1;
    NOTIFY lever_routing;
    RETURN NULL;
END
$$;

-- A mail host reads the generation first and the rows after it: what it has is that new, or newer.
CREATE FUNCTION lever.current_generation() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT generation FROM lever.routing_generation $$;

CREATE TABLE lever.mail_host (
    host text PRIMARY KEY CHECK (length(host) BETWEEN 1 AND 255),
    -- The newest routing that the host said it works with.
    generation bigint NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT now(),
    -- Since then nothing waits for it, whatever it says.
    given_up_at timestamptz
);

CREATE FUNCTION lever.acknowledge_routing(host text, generation bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO lever.mail_host AS h (host, generation) VALUES (host, generation)
    ON CONFLICT (host) DO UPDATE SET generation = excluded.generation, seen_at = now()
$$;

GRANT EXECUTE ON FUNCTION lever.current_generation, lever.acknowledge_routing TO lever_ingest;

-- Ed25519 keys that mail hosts sign what they stored with. Public halves alone.
CREATE TABLE lever.host_key (
    -- The first 20 bytes of SHA-256 over the public key.
    key_id bytea PRIMARY KEY CHECK (octet_length(key_id) = 20),
    host text NOT NULL CHECK (length(host) BETWEEN 1 AND 255),
    public_key bytea NOT NULL CHECK (octet_length(public_key) = 32),
    added_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz CHECK (revoked_at >= added_at)
);

-- Null where the host has no signing key.
ALTER TABLE lever.message
    ADD COLUMN host_key_id bytea CHECK (octet_length(host_key_id) = 20),
    ADD COLUMN signature bytea CHECK (octet_length(signature) = 64),
    ADD CONSTRAINT message_signature_has_key CHECK ((signature IS NULL) = (host_key_id IS NULL));

-- Keys to seal to. An escrow key is a further recipient of every message, and no part of rotation.
ALTER TABLE lever.sealing_key
    DROP CONSTRAINT sealing_key_state_check,
    ALTER COLUMN state DROP DEFAULT,
    ADD COLUMN purpose text NOT NULL DEFAULT 'reader' CHECK (purpose IN ('reader', 'escrow')),
    -- The routing that first had the key in its state.
    ADD COLUMN generation bigint NOT NULL DEFAULT 0;
UPDATE lever.sealing_key SET state = 'primary' WHERE state = 'active';
ALTER TABLE lever.sealing_key ADD CONSTRAINT sealing_key_state_check
    CHECK (state IN ('next', 'distributed', 'primary', 'old', 'retired', 'destroyed'));
CREATE UNIQUE INDEX sealing_key_one_to_come ON lever.sealing_key (company_id) WHERE state IN ('next', 'distributed');

ALTER TABLE lever.company_secret
    ADD COLUMN state text,
    ADD COLUMN generation bigint NOT NULL DEFAULT 0,
    -- Null once it is destroyed.
    ALTER COLUMN secret DROP NOT NULL;
UPDATE lever.company_secret AS s SET state = CASE
    WHEN retired_at IS NOT NULL THEN 'retired'
    WHEN version = (
        SELECT max(version) FROM lever.company_secret AS o
        WHERE o.company_id = s.company_id AND o.kind = s.kind AND o.retired_at IS NULL) THEN 'primary'
    ELSE 'old' END;
DROP VIEW lever.routing;
ALTER TABLE lever.company_secret
    ALTER COLUMN state SET NOT NULL,
    ADD CHECK (state IN ('next', 'distributed', 'primary', 'old', 'retired', 'destroyed')),
    ADD CHECK ((secret IS NULL) = (state = 'destroyed')),
    DROP COLUMN retired_at;
CREATE UNIQUE INDEX company_secret_one_primary ON lever.company_secret (company_id, kind) WHERE state = 'primary';
CREATE UNIQUE INDEX company_secret_one_to_come ON lever.company_secret (company_id, kind)
    WHERE state IN ('next', 'distributed');

-- The marker key that signed the thread's first message; null where that was not written down yet.
ALTER TABLE lever.thread ADD COLUMN marker_version smallint CHECK (marker_version BETWEEN 1 AND 255);

-- Sealed addresses of people who are no candidates: users, and those who are never captured. One index for each
-- version of the index key that was in use while the address was here.
CREATE TABLE lever.address (
    company_id bigint NOT NULL REFERENCES lever.company,
    entry_id uuid NOT NULL,
    head bytea NOT NULL CHECK (octet_length(head) > 0),
    tail bytea NOT NULL CHECK (octet_length(tail) > 0),
    bound_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, entry_id)
);
CREATE TABLE lever.address_index (
    company_id bigint NOT NULL,
    entry_id uuid NOT NULL,
    index_version smallint NOT NULL CHECK (index_version BETWEEN 1 AND 255),
    email_index bytea NOT NULL CHECK (octet_length(email_index) = 16),
    PRIMARY KEY (company_id, entry_id, index_version),
    FOREIGN KEY (company_id, entry_id) REFERENCES lever.address ON DELETE CASCADE
);

-- Addresses and domains whose mail is never captured, marked or not: one of the two.
CREATE TABLE lever.never_log (
    company_id bigint NOT NULL REFERENCES lever.company,
    entry_id uuid NOT NULL,
    address_id uuid,
    domain text CHECK (length(domain) <= 253
        AND domain ~ '^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'),
    added_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id, entry_id),
    UNIQUE (company_id, domain),
    FOREIGN KEY (company_id, address_id) REFERENCES lever.address (company_id, entry_id),
    CHECK ((address_id IS NULL) <> (domain IS NULL))
);

-- What the filter must know to decide about a message, one fact a row. `further_index_key`: live, but not the one that
-- new indices are made with. `never_address`: an index of the version given.
CREATE VIEW lever.routing (company_id, item, name, version, value) AS
    SELECT company_id, 'company', sync, 0::smallint, ''::bytea FROM lever.company
    UNION ALL
    SELECT company_id, 'domain', domain, 0::smallint, ''::bytea FROM lever.company_domain
    UNION ALL
    SELECT company_id, 'sealing_key', '', 0::smallint, public_key FROM lever.sealing_key
    WHERE state IN ('distributed', 'primary')
    UNION ALL
    SELECT company_id, 'marker_key', '', version, secret FROM lever.company_secret
    WHERE kind = 'marker' AND state NOT IN ('retired', 'destroyed')
    UNION ALL
    SELECT company_id, CASE state WHEN 'primary' THEN 'index_key' ELSE 'further_index_key' END, '', version, secret
    FROM lever.company_secret WHERE kind = 'index' AND state NOT IN ('retired', 'destroyed')
    UNION ALL
    SELECT company_id, 'never_domain', domain, 0::smallint, ''::bytea FROM lever.never_log WHERE domain IS NOT NULL
    UNION ALL
    SELECT n.company_id, 'never_address', '', i.index_version, i.email_index FROM lever.never_log AS n
    JOIN lever.address_index AS i ON i.company_id = n.company_id AND i.entry_id = n.address_id;
GRANT SELECT ON lever.routing TO lever_ingest;

CREATE TRIGGER announce_routing AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON lever.never_log
    FOR EACH STATEMENT EXECUTE FUNCTION lever.announce_routing();
CREATE TRIGGER announce_routing AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON lever.address_index
    FOR EACH STATEMENT EXECUTE FUNCTION lever.announce_routing();

-- A mail has a dedupe key under each index key that was live when a host saw it; two copies share at least one.
CREATE TABLE lever.message_dedupe (
    company_id bigint NOT NULL,
    dedupe_key bytea NOT NULL CHECK (octet_length(dedupe_key) = 32),
    entry_id uuid NOT NULL,
    PRIMARY KEY (company_id, dedupe_key),
    FOREIGN KEY (company_id, entry_id) REFERENCES lever.message ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX message_dedupe_by_entry ON lever.message_dedupe (company_id, entry_id);
INSERT INTO lever.message_dedupe (company_id, dedupe_key, entry_id)
SELECT company_id, dedupe_key, entry_id FROM lever.message;
-- Later files alter the table, which PostgreSQL refuses while checks of its rows are put off.
SET CONSTRAINTS ALL IMMEDIATE;
