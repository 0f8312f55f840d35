-- Writing the audit. An audited action begins with lever.begin_action or a check of its own, and writes its row with
-- lever.audit_attempt whether it was allowed or refused; one on many messages writes its rows with lever.append_audits.

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

-- A text as it stands in the audit: without control characters and cut, so that no row fails for what it says.
CREATE OR REPLACE FUNCTION lever.audit_text(value text, length integer) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN regexp_replace(left(coalesce(value, ''), length), '[[:cntrl:]]', ' ', 'g');

-- Appends rows to the chain of the current company, one for each element of the arrays, which are as long as one another;
-- entries and candidates may be NULL as a whole. Returns the number of the first row; those of the others follow it.
CREATE OR REPLACE FUNCTION lever.append_audits(
    action text, allowed boolean[], entries uuid[], candidates bigint[], thread bigint, reasons text[]
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    company CONSTANT bigint := lever.current_company();
    moment CONSTANT timestamptz := date_trunc('milliseconds', clock_timestamp());
    stated CONSTANT text[] := ARRAY(
        SELECT lever.audit_text(r.reason, 300)
        FROM unnest(reasons) WITH ORDINALITY AS r (reason, place) ORDER BY r.place);
    doer CONSTANT bytea := int8send((extract(epoch FROM moment) * 1000)::bigint)
        || lever.length_prefixed(session_user) || lever.length_prefixed(action);
    in_thread CONSTANT bytea := lever.length_prefixed(thread::text);
    last lever.audit_head;
    hashes bytea[] := '{}';
BEGIN
    INSERT INTO lever.audit_head (company_id, seq, hash) VALUES (company, 0, decode(repeat('00', 32), 'hex'))
    ON CONFLICT DO NOTHING;
    SELECT * INTO STRICT last FROM lever.audit_head WHERE company_id = company FOR UPDATE;
    FOR i IN 1..cardinality(allowed) LOOP
        hashes[i] := sha256(
            'LVA1'::bytea || int8send(company) || int8send(last.seq + i) || doer
            || lever.length_prefixed(allowed[i]::text) || lever.length_prefixed(entries[i]::text)
            || lever.length_prefixed(candidates[i]::text) || in_thread || lever.length_prefixed(stated[i])
            || coalesce(hashes[i - 1], last.hash));
    END LOOP;
    INSERT INTO lever.audit (
        company_id, seq, at, login, action, allowed, entry_id, candidate_id, thread_id, reason, hash)
    SELECT
        company, last.seq + r.place, moment, session_user, action, r.is_allowed, r.entry, r.candidate, thread,
        r.reason, r.hash
    FROM unnest(allowed, entries, candidates, stated, hashes)
        WITH ORDINALITY AS r (is_allowed, entry, candidate, reason, hash, place);
    UPDATE lever.audit_head SET seq = last.seq + cardinality(allowed), hash = hashes[cardinality(allowed)]
    WHERE company_id = company;
    RETURN last.seq + 1;
END
$$;

-- Appends one row to the chain of the current company and returns its number.
CREATE OR REPLACE FUNCTION lever.append_audit(
    action text, allowed boolean, entry uuid, candidate bigint, thread bigint, reason text
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN lever.append_audits(action, ARRAY[allowed], ARRAY[entry], ARRAY[candidate], thread, ARRAY[reason]);
END
$$;

-- The reason of an audited action: the refusal, if any, and the first 200 characters of the user's reason.
CREATE OR REPLACE FUNCTION lever.attempt_reason(refusal text, reason text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN concat_ws(': ', refusal, nullif(lever.audit_text(reason, 200), ''));

-- Appends a row for an action that a user asked for, allowed unless there is a refusal.
CREATE OR REPLACE FUNCTION lever.audit_attempt(
    action text, refusal text, entry uuid, candidate bigint, thread bigint, reason text
) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN lever.append_audit(
        action, refusal IS NULL, entry, candidate, thread, lever.attempt_reason(refusal, reason));
END
$$;

-- For a login without a right in the current company: writes the refusal into the audit of a company that the login
-- belongs to, where it can hold up nobody else, and returns it. A row for each of the entries or candidates; one if
-- neither are given. A login that belongs to no company gets an error.
CREATE OR REPLACE FUNCTION lever.refuse_outsider(
    action text, entries uuid[] DEFAULT NULL, candidates bigint[] DEFAULT NULL, thread bigint DEFAULT NULL
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    named CONSTANT bigint := lever.current_company();
    rows CONSTANT integer := coalesce(cardinality(entries), cardinality(candidates), 1);
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
    PERFORM lever.append_audits(
        action, array_fill(false, ARRAY[rows]), entries, candidates, thread,
        array_fill(format('no right in the company that was named, %s', named), ARRAY[rows]));
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
        RETURN lever.refuse_outsider(action, ARRAY[entry], ARRAY[candidate], thread);
    END IF;
    RETURN NULL;
END
$$;

-- A message is bound to its thread alone: the audit proves whose thread it is, however it began.
CREATE OR REPLACE FUNCTION lever.record_thread() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    current CONSTANT text := current_setting('lever.company', true);
BEGIN
    PERFORM set_config('lever.company', NEW.company_id::text, true);
    PERFORM lever.append_audit('thread', true, NULL, NEW.candidate_id, NEW.thread_id,
        CASE WHEN NEW.is_external THEN 'opened by mail of another system' ELSE 'started' END);
    PERFORM set_config('lever.company', current, true);
    RETURN NULL;
END
$$;
CREATE TRIGGER record_thread AFTER INSERT ON lever.thread FOR EACH ROW EXECUTE FUNCTION lever.record_thread();

-- Messages of the current company that are in another thread than they came for, or on another candidate's timeline
-- than their thread, for auditors. The delivery log tells the former as long as it goes back.
CREATE OR REPLACE FUNCTION lever.misplaced_messages() RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    company CONSTANT bigint := lever.granted_company();
BEGIN
    RETURN QUERY
        SELECT m.entry_id FROM lever.message AS m
        LEFT JOIN lever.thread AS t ON t.company_id = m.company_id AND t.thread_id = m.thread_id
        LEFT JOIN lever.delivery AS d ON d.company_id = m.company_id AND d.entry_id = m.entry_id
        WHERE m.company_id = company
            AND (t.candidate_id IS DISTINCT FROM m.candidate_id OR d.thread_id <> m.thread_id)
        ORDER BY m.entry_id;
END
$$;
