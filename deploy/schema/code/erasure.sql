-- Erasing messages and candidates. What opens a message (message_key) goes first, so that whatever remains of it
-- anywhere cannot be opened.

-- What an address that was anonymized is recognised by.
CREATE OR REPLACE FUNCTION lever.reapplicant_index(company bigint, email_index bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN substring(sha256('LVR1'::bytea || int8send(company) || email_index) FOR 16);

-- Holds a candidate until the transaction ends: an erasure waits for it, and it waits for an erasure that is under way.
-- Whether there is such a candidate who is not anonymous. Whoever adds anything of a candidate calls it first, before
-- other rows are locked.
CREATE OR REPLACE FUNCTION lever.hold_candidate(company bigint, candidate bigint) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- The condition is checked again on the row that the wait was for.
    PERFORM FROM lever.candidate AS c
    WHERE c.company_id = company AND c.candidate_id = candidate AND c.anonymized_at IS NULL
    FOR KEY SHARE;
    RETURN FOUND;
END
$$;

-- Nothing begins for an anonymous candidate, whoever begins it. lever.ingest, which stores messages, holds candidates
-- itself.
CREATE OR REPLACE FUNCTION lever.require_live_candidate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM lever.candidate AS c
    WHERE c.company_id = NEW.company_id AND c.candidate_id = NEW.candidate_id FOR KEY SHARE;
    IF EXISTS (
        SELECT FROM lever.candidate AS c
        WHERE c.company_id = NEW.company_id AND c.candidate_id = NEW.candidate_id AND c.anonymized_at IS NOT NULL)
    THEN
        RAISE 'the candidate is anonymous' USING ERRCODE = 'check_violation', CONSTRAINT = 'candidate_is_not_anonymous';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER require_live_candidate BEFORE INSERT ON lever.thread
    FOR EACH ROW EXECUTE FUNCTION lever.require_live_candidate();
CREATE TRIGGER require_live_candidate BEFORE INSERT ON lever.outbox
    FOR EACH ROW EXECUTE FUNCTION lever.require_live_candidate();

-- Whether the session's login may erase in the current company: a message, admins and super admins; a candidate, super
-- admins; what has expired in the company as a whole, super admins and logins that were granted access.
CREATE OR REPLACE FUNCTION lever.may_erase(what text) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN coalesce(
            lever.product_role() = 'super_admin' OR (lever.product_role() = 'admin' AND what = 'message'), false)
        OR (lever.granted_company() IS NOT NULL AND what = 'company');
END
$$;

-- Leaves of a message what happened and when, nothing of its content or people, nor of other copies in the delivery
-- log.
CREATE OR REPLACE FUNCTION lever.shred(company bigint, entry uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE lever.delivery AS d SET message_id_index = NULL, index_version = NULL
    FROM lever.message AS m
    WHERE m.company_id = company AND m.entry_id = entry AND d.company_id = company
        AND d.message_id_index = m.message_id_index AND d.index_version = m.index_version;
    -- A server may have given a copy another Message-ID.
    UPDATE lever.delivery AS d SET message_id_index = NULL, index_version = NULL
    WHERE d.company_id = company AND d.stored_as = entry AND d.message_id_index IS NOT NULL;
    DELETE FROM lever.message_key AS k WHERE k.company_id = company AND k.entry_id = entry;
    DELETE FROM lever.message_part AS p WHERE p.company_id = company AND p.entry_id = entry;
    DELETE FROM lever.learned_id AS l WHERE l.company_id = company AND l.entry_id = entry;
    UPDATE lever.message AS m SET removed_at = coalesce(m.removed_at, now()), sender_index = NULL,
        recipient_indices = '{}', message_id_index = NULL, copy_index = NULL, signature = NULL, host_key_id = NULL
    WHERE m.company_id = company AND m.entry_id = entry;
END
$$;

-- Removes a message. Returns the refusal, or NULL.
CREATE OR REPLACE FUNCTION lever.remove_message(company bigint, entry uuid, reason text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    refusal text := lever.begin_action(company, 'remove', entry);
BEGIN
    IF refusal IS NOT NULL THEN
        RETURN refusal;
    ELSIF NOT lever.may_erase('message') THEN
        refusal := 'this login may not erase';
    ELSE
        -- The audit's last row before the message's, as in the erasure of a candidate.
        PERFORM FROM lever.audit_head AS h WHERE h.company_id = company FOR UPDATE;
        PERFORM FROM lever.message AS m
        WHERE m.company_id = company AND m.entry_id = entry AND m.removed_at IS NULL FOR UPDATE;
        IF NOT FOUND THEN
            refusal := 'no such message';
        END IF;
    END IF;
    PERFORM lever.audit_attempt('remove', refusal, entry, NULL, NULL, reason);
    IF refusal IS NULL THEN
        PERFORM lever.shred(company, entry);
    END IF;
    RETURN refusal;
END
$$;

-- Removes from a candidate's profile and messages everything that identifies the person; of an anonymous candidate,
-- whatever is there all the same. Returns the refusal, or NULL.
CREATE OR REPLACE FUNCTION lever.anonymize_candidate(company bigint, candidate bigint, reason text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    refusal text := lever.begin_action(company, 'anonymize', candidate => candidate);
BEGIN
    IF refusal IS NOT NULL THEN
        RETURN refusal;
    ELSIF NOT lever.may_erase('candidate') THEN
        refusal := 'this login may not erase';
    ELSE
        PERFORM FROM lever.candidate AS c
        WHERE c.company_id = company AND c.candidate_id = candidate FOR UPDATE;
        IF NOT FOUND THEN
            refusal := 'no such candidate';
        END IF;
    END IF;
    PERFORM lever.audit_attempt('anonymize', refusal, NULL, candidate, NULL, reason);
    IF refusal IS NULL THEN
        PERFORM lever.erase_threads(company, candidate);
        UPDATE lever.candidate AS c SET head = NULL, tail = NULL, signature = NULL, anonymized_at = now(),
            email_index = lever.reapplicant_index(company, c.email_index)
        WHERE c.company_id = company AND c.candidate_id = candidate AND c.anonymized_at IS NULL;
    END IF;
    RETURN refusal;
END
$$;

-- Closes the threads of a candidate, whose row the caller has locked, and erases what they hold: whoever stores, sends or
-- begins a thread holds the candidate, so what is not here yet will find it anonymous. Plans are kept: lever.shred would else be planned for
-- each of the partitions each time.
CREATE OR REPLACE FUNCTION lever.erase_threads(company bigint, candidate bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off
AS $$
DECLARE
    entry uuid;
BEGIN
    UPDATE lever.thread AS t SET erased_at = now()
    WHERE t.company_id = company AND t.candidate_id = candidate AND t.erased_at IS NULL;
    FOR entry IN SELECT m.entry_id FROM lever.message AS m WHERE m.company_id = company AND m.candidate_id = candidate
    LOOP
        PERFORM lever.shred(company, entry);
    END LOOP;
    DELETE FROM lever.send_grant AS g WHERE g.company_id = company AND g.candidate_id = candidate;
    DELETE FROM lever.outbox AS o WHERE o.company_id = company AND o.candidate_id = candidate;
    -- Messages of these threads that were not stored had a Message-ID too.
    UPDATE lever.delivery AS d SET message_id_index = NULL, index_version = NULL
    WHERE d.company_id = company AND d.message_id_index IS NOT NULL AND d.thread_id IN (
        SELECT t.thread_id FROM lever.thread AS t WHERE t.company_id = company AND t.candidate_id = candidate);
    -- Dedupe keys are digests of what people wrote.
    DELETE FROM lever.message_dedupe AS d USING lever.message AS m
    WHERE m.company_id = company AND m.candidate_id = candidate AND d.company_id = company AND d.entry_id = m.entry_id;
    UPDATE lever.message AS m SET dedupe_key = sha256(uuid_send(gen_random_uuid()))
    WHERE m.company_id = company AND m.candidate_id = candidate;
END
$$;

-- Deletes what belongs to a message along with it. RLS hides the rows of other companies than the batch's, so the batch
-- is the message's company meanwhile.
CREATE OR REPLACE FUNCTION lever.delete_with_message() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    batch CONSTANT text := current_setting('lever.companies', true);
BEGIN
    PERFORM set_config('lever.companies', ARRAY[OLD.company_id]::text, true);
    DELETE FROM lever.message_key WHERE company_id = OLD.company_id AND entry_id = OLD.entry_id;
    DELETE FROM lever.message_part WHERE company_id = OLD.company_id AND entry_id = OLD.entry_id;
    DELETE FROM lever.message_dedupe WHERE company_id = OLD.company_id AND entry_id = OLD.entry_id;
    DELETE FROM lever.learned_id WHERE company_id = OLD.company_id AND entry_id = OLD.entry_id;
    PERFORM set_config('lever.companies', batch, true);
    RETURN NULL;
END
$$;
CREATE TRIGGER delete_with_message AFTER DELETE ON lever.message
    FOR EACH ROW EXECUTE FUNCTION lever.delete_with_message();

-- Which of the messages that a mail host still has, waiting, in quarantine or delivered, have been erased in the
-- meantime. Plans are kept and go by the keys, as in lever.ingest.
CREATE OR REPLACE FUNCTION lever.erased(
    company_ids bigint[], entry_ids uuid[], thread_ids bigint[], accepted_ats timestamptz[]
) RETURNS boolean[]
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
BEGIN
    PERFORM set_config(
        'lever.companies', (SELECT array_agg(DISTINCT company) FROM unnest(company_ids) AS company)::text, true);
    RETURN (
        SELECT coalesce(array_agg(
            EXISTS (
                SELECT FROM lever.thread AS t WHERE t.company_id = e.company_id AND t.thread_id = e.thread_id
                    AND t.erased_at IS NOT NULL)
            OR EXISTS (
                SELECT FROM lever.message AS m WHERE m.company_id = e.company_id AND m.entry_id = e.entry_id
                    AND m.removed_at IS NOT NULL)
            OR EXISTS (
                -- A copy of it, which is stored as another entry.
                SELECT FROM lever.delivery AS d
                JOIN lever.message AS m ON m.company_id = d.company_id AND m.entry_id = d.stored_as
                WHERE d.company_id = e.company_id AND d.entry_id = e.entry_id AND m.removed_at IS NOT NULL)
            OR EXISTS (
                SELECT FROM lever.company AS c WHERE c.company_id = e.company_id
                    AND e.accepted_at < now() - make_interval(days => c.retention_days))
            ORDER BY e.position), '{}')
        FROM unnest(company_ids, entry_ids, thread_ids, accepted_ats) WITH ORDINALITY
            AS e (company_id, entry_id, thread_id, accepted_at, position));
END
$$;
