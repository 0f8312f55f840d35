-- The audit: a chain of rows for each company. Each row's hash covers the row before it, so that whoever has kept one
-- hash can tell whether anything up to it was changed, removed or reordered.

SET LOCAL ROLE lever_owner;

CREATE TABLE lever.audit (
    company_id bigint NOT NULL REFERENCES lever.company,
    -- Without gaps, from 1.
    seq bigint NOT NULL CHECK (seq > 0),
    -- To the millisecond.
    at timestamptz NOT NULL,
    login text NOT NULL,
    action text NOT NULL,
    allowed boolean NOT NULL,
    -- What it was about.
    entry_id uuid,
    candidate_id bigint,
    thread_id bigint,
    -- Why: in the login's words, or why it was refused.
    reason text NOT NULL CHECK (char_length(reason) <= 300 AND reason !~ '[[:cntrl:]]'),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    -- The transaction that wrote it: what a row allows is given out once that is committed.
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (company_id, seq)
);

-- The last row of each chain. Whoever appends holds its lock until the end of the transaction.
CREATE TABLE lever.audit_head (
    company_id bigint PRIMARY KEY REFERENCES lever.company,
    seq bigint NOT NULL,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32)
);

ALTER TABLE lever.audit ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE lever.audit_head ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_one_company ON lever.audit TO lever_owner USING (company_id = lever.named_company());
CREATE POLICY owner_one_company ON lever.audit_head TO lever_owner USING (company_id = lever.named_company());
CREATE POLICY auditor ON lever.audit FOR SELECT TO lever_auditor USING (company_id = (SELECT lever.granted_company()));
CREATE POLICY auditor ON lever.audit_head FOR SELECT TO lever_auditor
    USING (company_id = (SELECT lever.granted_company()));
GRANT SELECT ON lever.audit, lever.audit_head TO lever_auditor;

CREATE FUNCTION lever.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE 'rows of the audit are never changed' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON lever.audit
    FOR EACH STATEMENT EXECUTE FUNCTION lever.refuse_change();

-- The length of a text in UTF-8 and the text; an absent one is empty.
CREATE FUNCTION lever.counted(value text) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN int4send(octet_length(convert_to(coalesce(value, ''), 'UTF8'))) || convert_to(coalesce(value, ''), 'UTF8');

-- Appends a row to the chain of the named company and returns its number.
CREATE FUNCTION lever.append_audit(
    action text, allowed boolean, entry uuid, candidate bigint, thread bigint, reason text
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    company CONSTANT bigint := lever.named_company();
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
        || lever.counted(session_user) || lever.counted(action) || lever.counted(allowed::text)
        || lever.counted(entry::text) || lever.counted(candidate::text) || lever.counted(thread::text)
        || lever.counted(reason) || last.hash);
    INSERT INTO lever.audit (
        company_id, seq, at, login, action, allowed, entry_id, candidate_id, thread_id, reason, hash
    ) VALUES (
        company, last.seq + 1, moment, session_user, action, allowed, entry, candidate, thread, reason, next_hash);
    UPDATE lever.audit_head SET seq = last.seq + 1, hash = next_hash WHERE company_id = company;
    RETURN last.seq + 1;
END
$$;

-- As append_audit for what a user asked for: allowed unless there is a refusal, which comes before the user's reason.
CREATE FUNCTION lever.audit_attempt(
    action text, refusal text, entry uuid, candidate bigint, thread bigint, reason text
) RETURNS bigint
LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
    SELECT lever.append_audit(
        action, refusal IS NULL, entry, candidate, thread, concat_ws(': ', refusal, nullif(reason, '')))
$$;

-- For a login that has no right in the named company: writes the refusal into the audit of a company that it belongs to,
-- where it can hold up nobody else, and returns it. Who belongs to none is an error.
CREATE FUNCTION lever.refuse_outsider(
    action text, entry uuid, candidate bigint, thread bigint
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    named CONSTANT bigint := lever.named_company();
    own bigint;
BEGIN
    -- Also where the user is disabled.
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

-- Asks to open a message or a candidate's profile: one of entry and candidate is given. Writes the audit row either
-- way. `ticket` is the row's number, with which lever.take_head gives out the head; null if `refusal` says why not.
CREATE FUNCTION lever.request_opening(
    company bigint, entry uuid, candidate bigint, action text, reason text, OUT ticket bigint, OUT refusal text
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    message lever.message;
    profile lever.candidate;
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    IF action NOT IN ('open', 'export', 'profile') OR (entry IS NULL) = (candidate IS NULL)
        OR (action = 'profile') <> (entry IS NULL)
    THEN
        RAISE 'no such opening' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF lever.product_role() IS NULL THEN
        refusal := lever.refuse_outsider(action, entry, candidate, NULL);
        RETURN;
    ELSIF entry IS NOT NULL THEN
        SELECT * INTO message FROM lever.message AS m WHERE m.company_id = company AND m.entry_id = entry;
        IF NOT FOUND OR NOT lever.sees_thread(message.thread_id) THEN
            -- One answer for both: that a secret thread exists is part of the secret.
            refusal := 'no such message';
        ELSIF NOT EXISTS (SELECT FROM lever.message_key AS k WHERE k.company_id = company AND k.entry_id = entry) THEN
            refusal := 'shredded';
        END IF;
    ELSE
        SELECT * INTO profile FROM lever.candidate AS c WHERE c.company_id = company AND c.candidate_id = candidate;
        IF NOT FOUND OR (lever.product_role() = 'limited_team_member' AND NOT EXISTS (
            SELECT FROM lever.thread AS t WHERE t.company_id = company AND t.candidate_id = candidate
                AND lever.sees_thread(t.thread_id)))
        THEN
            refusal := 'no such candidate';
        ELSIF profile.head IS NULL THEN
            refusal := 'shredded';
        END IF;
    END IF;
    ticket := lever.audit_attempt(action, refusal, entry, candidate, NULL, reason);
    IF refusal IS NOT NULL THEN
        ticket := NULL;
    END IF;
END
$$;

-- The head that a committed audit row allows its login to have, within ten minutes.
CREATE FUNCTION lever.take_head(company bigint, ticket bigint) RETURNS bytea
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    granted lever.audit;
    found_head bytea;
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    SELECT * INTO granted FROM lever.audit AS a
    WHERE a.company_id = company AND a.seq = ticket AND a.login = session_user AND a.allowed
        AND a.action IN ('open', 'export', 'profile') AND a.at > clock_timestamp() - interval '10 minutes';
    IF NOT FOUND THEN
        RAISE 'nothing allows this opening' USING ERRCODE = 'insufficient_privilege';
    ELSIF lever.product_role() IS NULL OR (granted.entry_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM lever.message AS m
        WHERE m.company_id = company AND m.entry_id = granted.entry_id AND lever.sees_thread(m.thread_id)))
    THEN
        -- Since then the user was disabled, or the thread became secret.
        RAISE 'nothing allows this opening any more' USING ERRCODE = 'insufficient_privilege';
    ELSIF granted.xid = pg_current_xact_id_if_assigned() THEN
        RAISE 'the audit row is not committed yet' USING ERRCODE = 'insufficient_privilege';
    ELSIF granted.entry_id IS NOT NULL THEN
        SELECT head INTO found_head FROM lever.message_key WHERE company_id = company AND entry_id = granted.entry_id;
    ELSE
        SELECT head INTO found_head FROM lever.candidate
        WHERE company_id = company AND candidate_id = granted.candidate_id;
    END IF;
    RETURN found_head;
END
$$;

-- Writes down that what was given out did not open.
CREATE FUNCTION lever.report_failure(company bigint, ticket bigint, reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    granted lever.audit;
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    SELECT * INTO granted FROM lever.audit AS a
    WHERE a.company_id = company AND a.seq = ticket AND a.login = session_user AND a.allowed;
    IF NOT FOUND THEN
        RAISE 'nothing allowed this opening' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM lever.append_audit('refuse', false, granted.entry_id, granted.candidate_id, NULL, reason);
END
$$;

-- Makes a thread secret or open again, as a whole. Returns why not, or null.
CREATE FUNCTION lever.set_secret(company bigint, thread bigint, secret boolean, reason text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    action CONSTANT text := CASE WHEN secret THEN 'secret' ELSE 'reveal' END;
    refusal text;
    setter text;
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    IF lever.product_role() IS NULL THEN
        RETURN lever.refuse_outsider(action, NULL, NULL, thread);
    END IF;
    SELECT t.secret_by INTO setter FROM lever.thread AS t
    WHERE t.company_id = company AND t.thread_id = thread AND lever.sees_thread(thread) FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        refusal := 'no such thread';
    ELSIF lever.product_role() = 'limited_team_member' THEN
        refusal := 'limited team members do not change threads';
    ELSIF setter IS NOT NULL AND setter <> session_user AND NOT lever.sees_every_thread() THEN
        refusal := 'another user made it secret';
    END IF;
    PERFORM lever.audit_attempt(action, refusal, NULL, NULL, thread, reason);
    IF refusal IS NULL THEN
        UPDATE lever.thread AS t SET secret_by = CASE WHEN secret THEN coalesce(t.secret_by, session_user) END
        WHERE t.company_id = company AND t.thread_id = thread;
    END IF;
    RETURN refusal;
END
$$;

-- Writes down that heads are about to be unwrapped with a private key and wrapped anew.
CREATE FUNCTION lever.record_rewrapping(company bigint, reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    IF lever.granted_company() IS NULL THEN
        RAISE 'no access to this company' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM lever.append_audit('rewrap', true, NULL, NULL, NULL, reason);
END
$$;
GRANT EXECUTE ON FUNCTION lever.record_rewrapping TO lever_rekey;

GRANT EXECUTE ON FUNCTION lever.request_opening, lever.take_head, lever.report_failure, lever.set_secret TO lever_reader;

-- Every company's chain has a beginning, so that an empty one is seen to be cut.
DO $$
DECLARE
    company bigint;
BEGIN
    FOR company IN SELECT company_id FROM lever.company ORDER BY 1 LOOP
        PERFORM set_config('lever.company', company::text, true);
        PERFORM lever.append_audit('company', true, NULL, NULL, NULL, 'the audit begins');
    END LOOP;
END
$$;
