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
        WHEN entry IS NOT NULL THEN (lever.message_refusals(company, ARRAY[entry]))[1]
        ELSE lever.profile_refusal(company, candidate) END;
    ticket := lever.audit_attempt(asked, refusal, entry, candidate, NULL, reason);
    IF refusal IS NOT NULL THEN
        ticket := NULL;
    END IF;
END
$$;

-- Asks to open many messages, at most 1,000. As lever.request_opening for each of them in their order, in one statement
-- with one lock on the audit. More, or none, is one request that is refused.
CREATE OR REPLACE FUNCTION lever.request_openings(company bigint, entries uuid[], action text, reason text)
RETURNS TABLE (entry uuid, ticket bigint, refusal text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    asked CONSTANT text := CASE WHEN action IN ('open', 'export') THEN action ELSE 'open' END;
    named CONSTANT uuid[] := CASE WHEN cardinality(entries) BETWEEN 1 AND 1000
        -- With one dimension, and numbered from 1.
        THEN ARRAY(SELECT e.id FROM unnest(entries) WITH ORDINALITY AS e (id, place) ORDER BY e.place)
        ELSE ARRAY[NULL]::uuid[] END;
    refusals text[];
    first_ticket bigint;
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    IF lever.product_role() IS NULL THEN
        refusals := array_fill(lever.refuse_outsider(asked, named), ARRAY[cardinality(named)]);
    ELSE
        refusals := CASE WHEN action = asked THEN lever.message_refusals(company, named)
            ELSE array_fill('no such opening'::text, ARRAY[cardinality(named)]) END;
        first_ticket := lever.append_audits(
            asked,
            ARRAY(
                SELECT r.refusal IS NULL FROM unnest(refusals) WITH ORDINALITY AS r (refusal, place) ORDER BY r.place),
            named, NULL, NULL,
            ARRAY(
                SELECT lever.attempt_reason(r.refusal, reason)
                FROM unnest(refusals) WITH ORDINALITY AS r (refusal, place) ORDER BY r.place));
    END IF;
    RETURN QUERY
        SELECT r.entry, CASE WHEN r.refusal IS NULL THEN first_ticket + r.place - 1 END, r.refusal
        FROM unnest(named, refusals) WITH ORDINALITY AS r (entry, refusal, place) ORDER BY r.place;
END
$$;

-- Asks to open the profiles of many candidates, at most 1,000, to find one among them. As lever.request_opening for each
-- of them in their order, in one statement with one lock on the audit. More, or none, is one request that is refused.
CREATE OR REPLACE FUNCTION lever.request_profiles(company bigint, candidates bigint[], reason text)
RETURNS TABLE (candidate bigint, ticket bigint, refusal text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    named CONSTANT bigint[] := CASE WHEN cardinality(candidates) BETWEEN 1 AND 1000
        -- With one dimension, and numbered from 1.
        THEN ARRAY(SELECT c.id FROM unnest(candidates) WITH ORDINALITY AS c (id, place) ORDER BY c.place)
        ELSE ARRAY[NULL]::bigint[] END;
    refusals text[];
    first_ticket bigint;
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    IF lever.product_role() IS NULL THEN
        refusals := array_fill(lever.refuse_outsider('profile', candidates => named), ARRAY[cardinality(named)]);
    ELSE
        refusals := ARRAY(
            SELECT CASE WHEN c.id IS NULL THEN 'no such opening' ELSE lever.profile_refusal(company, c.id) END
            FROM unnest(named) WITH ORDINALITY AS c (id, place) ORDER BY c.place);
        first_ticket := lever.append_audits(
            'profile',
            ARRAY(
                SELECT r.refusal IS NULL FROM unnest(refusals) WITH ORDINALITY AS r (refusal, place) ORDER BY r.place),
            NULL, named, NULL,
            ARRAY(
                SELECT lever.attempt_reason(r.refusal, reason)
                FROM unnest(refusals) WITH ORDINALITY AS r (refusal, place) ORDER BY r.place));
    END IF;
    RETURN QUERY
        SELECT r.candidate, CASE WHEN r.refusal IS NULL THEN first_ticket + r.place - 1 END, r.refusal
        FROM unnest(named, refusals) WITH ORDINALITY AS r (candidate, refusal, place) ORDER BY r.place;
END
$$;

-- Why the session's user may not open each of the messages, in their order; NULL if it may. A thread is looked at once,
-- however many of its messages are among them.
CREATE OR REPLACE FUNCTION lever.message_refusals(company bigint, entries uuid[]) RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN ARRAY(
        WITH found AS MATERIALIZED (
            SELECT m.entry_id, m.thread_id FROM lever.message AS m
            WHERE m.company_id = company AND m.entry_id = ANY (entries)
        ), threads AS MATERIALIZED (
            SELECT DISTINCT f.thread_id FROM found AS f
        ), seen AS MATERIALIZED (
            SELECT t.thread_id FROM threads AS t WHERE lever.sees_thread(t.thread_id)
        )
        SELECT CASE
            WHEN e.id IS NULL THEN 'no such opening'
            -- The same answer for both: that a secret thread exists is part of the secret.
            WHEN s.thread_id IS NULL THEN 'no such message'
            WHEN NOT EXISTS (SELECT FROM lever.message_key AS k WHERE k.company_id = company AND k.entry_id = e.id)
                THEN 'shredded'
            END
        FROM unnest(entries) WITH ORDINALITY AS e (id, place)
        LEFT JOIN found AS f ON f.entry_id = e.id LEFT JOIN seen AS s ON s.thread_id = f.thread_id
        ORDER BY e.place);
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

-- The heads that committed audit rows allow their login to have, within ten minutes; NULL for one that was deleted
-- since. In the tickets' order. Raises an error unless every ticket allows its opening.
CREATE OR REPLACE FUNCTION lever.take_heads(company bigint, tickets bigint[]) RETURNS TABLE (ticket bigint, head bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    granted lever.audit[];
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    granted := ARRAY(
        SELECT a FROM lever.audit AS a
        WHERE a.company_id = company AND a.seq = ANY (tickets) AND a.login = session_user AND a.allowed
            AND a.action IN ('open', 'export', 'profile') AND a.at > clock_timestamp() - interval '10 minutes');
    IF EXISTS (
        SELECT FROM unnest(tickets) AS t (number)
        WHERE t.number IS NULL OR t.number NOT IN (SELECT g.seq FROM unnest(granted) AS g))
    THEN
        RAISE 'nothing allows this opening' USING ERRCODE = 'insufficient_privilege';
    ELSIF lever.product_role() IS NULL OR 'no such message' = ANY (lever.message_refusals(
        company, ARRAY(SELECT g.entry_id FROM unnest(granted) AS g WHERE g.entry_id IS NOT NULL)))
    THEN
        -- The user was disabled or the thread became secret since.
        RAISE 'nothing allows this opening any more' USING ERRCODE = 'insufficient_privilege';
    ELSIF EXISTS (SELECT FROM unnest(granted) AS g WHERE g.xid = pg_current_xact_id_if_assigned()) THEN
        RAISE 'the audit row is not committed yet' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN QUERY
        SELECT t.number, CASE
            WHEN g.entry_id IS NOT NULL THEN (
                SELECT k.head FROM lever.message_key AS k WHERE k.company_id = company AND k.entry_id = g.entry_id)
            ELSE (
                SELECT c.head FROM lever.candidate AS c
                WHERE c.company_id = company AND c.candidate_id = g.candidate_id) END
        FROM unnest(tickets) WITH ORDINALITY AS t (number, place) JOIN unnest(granted) AS g ON g.seq = t.number
        ORDER BY t.place;
END
$$;

-- The head that one committed audit row allows; as lever.take_heads.
CREATE OR REPLACE FUNCTION lever.take_head(company bigint, ticket bigint) RETURNS bytea
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (SELECT h.head FROM lever.take_heads(company, ARRAY[ticket]) AS h);
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
