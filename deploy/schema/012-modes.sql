-- What becomes of a company's marked mail: it is stored, forwarded, both, or only observed.

SET LOCAL ROLE lever_owner;

-- The address is an RFC 5321 mailbox, the local part a dot-string, the domain in lower case.
ALTER TABLE lever.company
    ADD COLUMN capture text NOT NULL DEFAULT 'store'
        CHECK (capture IN ('store', 'forward', 'store+forward', 'observe')),
    ADD COLUMN forward_to text CONSTRAINT company_forward_to_check CHECK (
        octet_length(forward_to) <= 254 AND octet_length(split_part(forward_to, '@', 1)) <= 64
        AND forward_to ~ ('^[a-zA-Z0-9!#$%&''*+/=?^_`{|}~-]+(\.[a-zA-Z0-9!#$%&''*+/=?^_`{|}~-]+)*'
            || '@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$')),
    ADD CONSTRAINT company_forward_has_address
        CHECK (capture NOT IN ('forward', 'store+forward') OR forward_to IS NOT NULL);

-- What is forwarded to a company's own domain, or another company's, would be a company's mail once more. Two
-- transactions that add one side each wait for each other.
CREATE FUNCTION lever.lock_forward_domain(domain text) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$ SELECT pg_advisory_xact_lock(hashtextextended('lever forward ' || domain, 0)) $$;

CREATE FUNCTION lever.refuse_forward_inside() RETURNS trigger
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

CREATE FUNCTION lever.refuse_forward_domain() RETURNS trigger
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

-- Two more facts: `capture`, the mode, where a company does not just store; `forward`, the address that it forwards to.
CREATE OR REPLACE VIEW lever.routing (company_id, item, name, version, value) AS
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
    WHERE capture IN ('forward', 'store+forward');

ALTER TABLE lever.delivery
    DROP CONSTRAINT delivery_outcome_check,
    ADD CONSTRAINT delivery_outcome_check CHECK (outcome IN (
        'captured', 'duplicate', 'bad_signature', 'unknown_key', 'unknown_thread', 'not_participant', 'not_limited',
        'observe_only', 'too_large', 'spool_failed', 'ingest_rejected', 'never_log', 'erased', 'forwarded',
        'already_forwarded', 'forward_failed'));
