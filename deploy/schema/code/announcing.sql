-- Routing: what a mail host must know to decide about a message, and the announcement that it changed.

-- One fact a row:
--   company             the sync level in `name`
--   domain              a domain of the company
--   sealing_key         a public key in `value`
--   marker_key          a secret and its version
--   index_key           the secret that new indices are made with, and its version
--   further_index_key   another live one
--   never_domain        a domain whose mail is never captured
--   never_address       the blind index of such an address, and the version of the index key
--   capture             the mode, unless the company just stores
--   forward             the address that it forwards to
--   stamp               present if the company stamps
--   unsigned_markers    the policy, unless they are refused
--   recipient_delimiter the characters that begin an address extension
--   withdrawn_thread    the number of a thread whose marker counts no more
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
    JOIN lever.address_index AS i ON i.company_id = n.company_id AND i.entry_id = n.address_id
    UNION ALL
    SELECT company_id, 'capture', capture, 0::smallint, ''::bytea FROM lever.company WHERE capture <> 'store'
    UNION ALL
    SELECT company_id, 'forward', forward_to, 0::smallint, ''::bytea FROM lever.company
    WHERE capture IN ('forward', 'store+forward')
    UNION ALL
    SELECT company_id, 'stamp', '', 0::smallint, ''::bytea FROM lever.company WHERE stamp
    UNION ALL
    SELECT company_id, 'unsigned_markers', unsigned_markers, 0::smallint, ''::bytea FROM lever.company
    WHERE unsigned_markers <> 'refuse'
    UNION ALL
    SELECT company_id, 'recipient_delimiter', recipient_delimiter, 0::smallint, ''::bytea FROM lever.company
    WHERE recipient_delimiter IS NOT NULL
    UNION ALL
    SELECT company_id, 'withdrawn_thread', '', 0::smallint, int8send(thread_id) FROM lever.withdrawn_thread;

COMMENT ON VIEW lever.routing IS 'What mail hosts know of companies, one fact a row';
COMMENT ON COLUMN lever.routing.company_id IS 'The company';
COMMENT ON COLUMN lever.routing.item IS 'The kind of fact';
COMMENT ON COLUMN lever.routing.name IS 'Its text: sync level, domain, mode, address, policy or delimiters; else empty';
COMMENT ON COLUMN lever.routing.version IS 'The version of a key; else 0';
COMMENT ON COLUMN lever.routing.value IS 'A key, an index or a number; else empty';

CREATE OR REPLACE FUNCTION lever.announce_routing() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO lever.routing_change (change) VALUES (pg_current_xact_id()) ON CONFLICT DO NOTHING;
    -- Whoever has this change has the old ones.
    WITH old AS (
        SELECT c.change FROM lever.routing_change AS c WHERE c.changed_at < now() - interval '1 hour'
        FOR UPDATE SKIP LOCKED)
    DELETE FROM lever.routing_change AS c USING old AS o WHERE c.change = o.change;
    NOTIFY lever_routing;
    RETURN NULL;
END
$$;
CREATE TRIGGER announce_routing AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON lever.company
    FOR EACH STATEMENT EXECUTE FUNCTION lever.announce_routing();
CREATE TRIGGER announce_routing AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON lever.company_domain
    FOR EACH STATEMENT EXECUTE FUNCTION lever.announce_routing();
CREATE TRIGGER announce_routing AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON lever.company_secret
    FOR EACH STATEMENT EXECUTE FUNCTION lever.announce_routing();
CREATE TRIGGER announce_routing AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON lever.sealing_key
    FOR EACH STATEMENT EXECUTE FUNCTION lever.announce_routing();
CREATE TRIGGER announce_routing AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON lever.never_log
    FOR EACH STATEMENT EXECUTE FUNCTION lever.announce_routing();
CREATE TRIGGER announce_routing AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON lever.address_index
    FOR EACH STATEMENT EXECUTE FUNCTION lever.announce_routing();
CREATE TRIGGER announce_routing AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON lever.withdrawn_thread
    FOR EACH STATEMENT EXECUTE FUNCTION lever.announce_routing();

-- Keys tell in which transaction they came into their state.
CREATE OR REPLACE FUNCTION lever.note_key_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.changed_in := pg_current_xact_id();
    RETURN NEW;
END
$$;
CREATE TRIGGER note_key_change BEFORE UPDATE OF state ON lever.sealing_key
    FOR EACH ROW EXECUTE FUNCTION lever.note_key_change();
CREATE TRIGGER note_key_change BEFORE UPDATE OF state ON lever.company_secret
    FOR EACH ROW EXECUTE FUNCTION lever.note_key_change();

-- A mail host takes the snapshot before it reads the rows: it has every change that the snapshot shows, and perhaps
-- later ones.
CREATE OR REPLACE FUNCTION lever.routing_snapshot() RETURNS pg_snapshot
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT pg_current_snapshot() $$;

-- Whether a mail host that acknowledged a snapshot has a change.
CREATE OR REPLACE FUNCTION lever.has_change(snapshot pg_snapshot, change xid8) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT pg_visible_in_snapshot(change, snapshot)
        -- A restored database begins with changes of transactions that are yet to come.
        OR (change >= pg_snapshot_xmax(pg_current_snapshot())
            AND change IS DISTINCT FROM pg_current_xact_id_if_assigned()
            AND pg_snapshot_xmax(snapshot) <= pg_snapshot_xmax(pg_current_snapshot()))
$$;

-- Waits for nobody: an acknowledgement that is lost is made again with the next reading.
CREATE OR REPLACE FUNCTION lever.acknowledge_routing(host text, snapshot pg_snapshot) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '250ms'
AS $$
BEGIN
    PERFORM FROM lever.mail_host AS h WHERE h.host = acknowledge_routing.host FOR NO KEY UPDATE SKIP LOCKED;
    IF FOUND THEN
        UPDATE lever.mail_host AS h SET snapshot = acknowledge_routing.snapshot, seen_at = now()
        WHERE h.host = acknowledge_routing.host;
    ELSIF NOT EXISTS (SELECT FROM lever.mail_host AS h WHERE h.host = acknowledge_routing.host) THEN
        INSERT INTO lever.mail_host (host, snapshot) VALUES (host, snapshot) ON CONFLICT DO NOTHING;
    END IF;
END
$$;

-- Mail forwarded to a company's domain would be captured again. Two transactions that add one side each wait for each
-- other here, at a row that administrators alone can hold: advisory locks are everybody's.
CREATE OR REPLACE FUNCTION lever.lock_forward_domain(domain text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO lever.forward_lock (domain) VALUES (domain) ON CONFLICT DO NOTHING;
    PERFORM FROM lever.forward_lock AS f WHERE f.domain = lock_forward_domain.domain FOR UPDATE;
END
$$;

CREATE OR REPLACE FUNCTION lever.refuse_forward_inside() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    target CONSTANT text := split_part(NEW.forward_to, '@', 2);
BEGIN
    PERFORM lever.lock_forward_domain(target);
    IF EXISTS (SELECT FROM lever.company_domain AS d WHERE d.domain = target) THEN
        RAISE 'the forward address is at a domain of a company'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'company_forwards_outside';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER refuse_forward_inside AFTER INSERT OR UPDATE OF forward_to ON lever.company
    FOR EACH ROW WHEN (NEW.forward_to IS NOT NULL) EXECUTE FUNCTION lever.refuse_forward_inside();

CREATE OR REPLACE FUNCTION lever.refuse_forward_domain() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM lever.lock_forward_domain(NEW.domain);
    IF EXISTS (SELECT FROM lever.company AS c WHERE split_part(c.forward_to, '@', 2) = NEW.domain) THEN
        RAISE 'mail is forwarded to the domain'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'company_domain_is_no_forward';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER refuse_forward_domain AFTER INSERT OR UPDATE OF domain ON lever.company_domain
    FOR EACH ROW EXECUTE FUNCTION lever.refuse_forward_domain();
