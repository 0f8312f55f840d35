-- Opening what is sealed, and making threads secret: an audit row is committed before anything is given out.

-- Asks to open a message or a candidate's profile: one of entry and candidate is given. Writes the audit row either
-- way. `ticket` is the row's number, for which lever.take_head gives out the head; NULL with a `refusal`.
CREATE OR REPLACE FUNCTION lever.request_opening(
    company bigint, entry uuid, candidate bigint, action text, reason text, OUT ticket bigint, OUT refusal text
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    asked CONSTANT text := CASE WHEN action IN ('open', 'export', 'profile') THEN action ELSE 'open' END;
BEGIN
    refusal := lever.begin_action(company, asked, entry, candidate);
    IF refusal IS NOT NULL THEN
        RETURN;
    END IF;
    refusal := CASE
        WHEN action IS DISTINCT FROM asked OR (entry IS NULL) = (candidate IS NULL)
            OR (asked = 'profile') <> (entry IS NULL) THEN 'no such opening'
        WHEN entry IS NOT NULL THEN lever.message_refusal(company, entry)
        ELSE lever.profile_refusal(company, candidate) END;
    ticket := lever.audit_attempt(asked, refusal, entry, candidate, NULL, reason);
    IF refusal IS NOT NULL THEN
        ticket := NULL;
    END IF;
END
$$;

-- Why the session's user may not open the message; NULL if it may.
CREATE OR REPLACE FUNCTION lever.message_refusal(company bigint, entry uuid) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM lever.message AS m
        WHERE m.company_id = company AND m.entry_id = entry AND lever.sees_thread(m.thread_id))
    THEN
        -- The same answer for both: that a secret thread exists is part of the secret.
        RETURN 'no such message';
    ELSIF NOT EXISTS (SELECT FROM lever.message_key AS k WHERE k.company_id = company AND k.entry_id = entry) THEN
        RETURN 'shredded';
    END IF;
    RETURN NULL;
END
$$;

-- Why the session's user may not open the candidate's profile; NULL if it may.
CREATE OR REPLACE FUNCTION lever.profile_refusal(company bigint, candidate bigint) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    is_shredded boolean;
BEGIN
    SELECT c.head IS NULL INTO is_shredded FROM lever.candidate AS c
    WHERE c.company_id = company AND c.candidate_id = candidate AND lever.sees_candidate(candidate);
    RETURN CASE WHEN is_shredded IS NULL THEN 'no such candidate' WHEN is_shredded THEN 'shredded' END;
END
$$;

-- The head that a committed audit row allows its login to have, within ten minutes.
CREATE OR REPLACE FUNCTION lever.take_head(company bigint, ticket bigint) RETURNS bytea
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
        -- The user was disabled or the thread became secret since.
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

-- Records that what was given out did not open.
CREATE OR REPLACE FUNCTION lever.report_failure(company bigint, ticket bigint, reason text) RETURNS void
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

-- Makes a whole thread secret, or visible again. Returns the refusal, or NULL.
CREATE OR REPLACE FUNCTION lever.set_secret(company bigint, thread bigint, secret boolean, reason text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    action CONSTANT text := CASE WHEN secret THEN 'secret' ELSE 'reveal' END;
    refusal text := lever.begin_action(company, action, thread => thread);
    setter text;
BEGIN
    IF refusal IS NOT NULL THEN
        RETURN refusal;
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
