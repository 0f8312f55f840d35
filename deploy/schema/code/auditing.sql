-- Writing the audit. An audited action begins with lever.begin_action or a check of its own, and writes its row with
-- lever.audit_attempt whether it was allowed or refused.

CREATE OR REPLACE FUNCTION lever.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE 'rows of the audit are never changed' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON lever.audit
    FOR EACH STATEMENT EXECUTE FUNCTION lever.refuse_change();

-- A text in UTF-8 after its length in bytes; NULL counts as empty.
CREATE OR REPLACE FUNCTION lever.length_prefixed(value text) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN int4send(octet_length(convert_to(coalesce(value, ''), 'UTF8'))) || convert_to(coalesce(value, ''), 'UTF8');

-- Appends a row to the chain of the current company and returns its number.
CREATE OR REPLACE FUNCTION lever.append_audit(
    action text, allowed boolean, entry uuid, candidate bigint, thread bigint, reason text
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    company CONSTANT bigint := lever.current_company();
    moment CONSTANT timestamptz := date_trunc('milliseconds', clock_timestamp());
    last lever.audit_head;
    next_hash bytea;
BEGIN
    INSERT INTO lever.audit_head (company_id, seq, hash) VALUES (company, 0, decode(repeat('00', 32), 'hex'))
    ON CONFLICT DO NOTHING;
    SELECT * INTO STRICT last FROM lever.audit_head WHERE company_id = company FOR UPDATE;
    next_hash := sha256(
        'LVA1'::bytea || int8send(company) || int8send(last.seq + 1)
        || int8send((extract(epoch FROM moment) * 1000)::bigint)
        || lever.length_prefixed(session_user) || lever.length_prefixed(action)
        || lever.length_prefixed(allowed::text) || lever.length_prefixed(entry::text)
        || lever.length_prefixed(candidate::text) || lever.length_prefixed(thread::text)
        || lever.length_prefixed(reason) || last.hash);
    INSERT INTO lever.audit (
        company_id, seq, at, login, action, allowed, entry_id, candidate_id, thread_id, reason, hash
    ) VALUES (
        company, last.seq + 1, moment, session_user, action, allowed, entry, candidate, thread, reason, next_hash);
    UPDATE lever.audit_head SET seq = last.seq + 1, hash = next_hash WHERE company_id = company;
    RETURN last.seq + 1;
END
$$;

-- Appends a row for an action that a user asked for: allowed unless there is a refusal, which precedes the user's
-- reason.
CREATE OR REPLACE FUNCTION lever.audit_attempt(
    action text, refusal text, entry uuid, candidate bigint, thread bigint, reason text
) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN lever.append_audit(
        action, refusal IS NULL, entry, candidate, thread, concat_ws(': ', refusal, nullif(reason, '')));
END
$$;

-- For a login without a right in the current company: writes the refusal into the audit of a company that the login
-- belongs to, where it can hold up nobody else, and returns it. A login that belongs to no company gets an error.
CREATE OR REPLACE FUNCTION lever.refuse_outsider(
    action text, entry uuid, candidate bigint, thread bigint
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    named CONSTANT bigint := lever.current_company();
    own bigint;
BEGIN
    -- A disabled user's company counts too.
    SELECT company_id INTO own FROM (
        SELECT company_id FROM lever.app_user WHERE login = session_user
        UNION ALL
        SELECT company_id FROM lever.access_grant WHERE login = session_user) AS c
    LIMIT 1;
    IF own IS NULL THEN
        RAISE 'this login belongs to no company' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM set_config('lever.company', own::text, true);
    PERFORM lever.append_audit(
        action, false, entry, candidate, thread, format('no right in the company that was named, %s', named));
    RETURN 'no right in this company';
END
$$;

-- Begins what a user asks for in a company. Returns the refusal, which is audited already, if the session's login is
-- not a user there; otherwise NULL.
CREATE OR REPLACE FUNCTION lever.begin_action(
    company bigint, action text, entry uuid DEFAULT NULL, candidate bigint DEFAULT NULL, thread bigint DEFAULT NULL
) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    IF lever.product_role() IS NULL THEN
        RETURN lever.refuse_outsider(action, entry, candidate, thread);
    END IF;
    RETURN NULL;
END
$$;
