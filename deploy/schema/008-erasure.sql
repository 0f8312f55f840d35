-- Erasure: of a message, of a candidate, and of all that is older than a company keeps. What opens a message goes
-- first (message_key), so that nothing which stays behind anywhere opens any more.

SET LOCAL ROLE lever_owner;

-- Days that messages are kept; null for ever.
ALTER TABLE lever.company ADD COLUMN retention_days integer CHECK (retention_days BETWEEN 1 AND 36500);

-- A removed message stays as an event without content, so that the same mail is not captured again.
ALTER TABLE lever.message ADD COLUMN removed_at timestamptz;
GRANT SELECT (removed_at) ON lever.message TO lever_reader;

-- Without head and tail the candidate is anonymous: email_index is then a digest of what it was, by which an address
-- that comes again is recognised and no other index can be compared. Who applies, is erased, and applies again, may be
-- erased again: several anonymous candidates can have the same digest.
ALTER TABLE lever.candidate
    ADD COLUMN anonymized_at timestamptz,
    ALTER COLUMN head DROP NOT NULL,
    ALTER COLUMN tail DROP NOT NULL,
    DROP CONSTRAINT candidate_email_unique;
CREATE UNIQUE INDEX candidate_email_unique ON lever.candidate (company_id, index_version, email_index)
    WHERE anonymized_at IS NULL;
CREATE INDEX candidate_former_email ON lever.candidate (company_id, index_version, email_index)
    WHERE anonymized_at IS NOT NULL;
GRANT SELECT (anonymized_at) ON lever.candidate TO lever_reader;

-- Null where the keys that opened an address are destroyed.
ALTER TABLE lever.address ALTER COLUMN head DROP NOT NULL, ALTER COLUMN tail DROP NOT NULL;

ALTER TABLE lever.delivery
    DROP CONSTRAINT delivery_outcome_check,
    ADD CONSTRAINT delivery_outcome_check CHECK (outcome IN (
        'captured', 'duplicate', 'bad_signature', 'unknown_key', 'unknown_thread', 'not_participant', 'not_limited',
        'observe_only', 'too_large', 'spool_failed', 'ingest_rejected', 'never_log', 'erased'));

CREATE FUNCTION lever.reapplicant_index(company bigint, email_index bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN substring(sha256('LVR1'::bytea || int8send(company) || email_index) FOR 16);

-- Whether the session's login may erase something of the named company: a message, an admin and a super admin; a
-- candidate, a super admin; what the company as a whole keeps no longer, those and a login that was granted access.
CREATE FUNCTION lever.may_erase(what text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(lever.product_role() = 'super_admin' OR (lever.product_role() = 'admin' AND what = 'message'), false)
        OR (lever.granted_company() IS NOT NULL AND what = 'company')
$$;

-- Leaves of a message what happened and when, nothing of what or who.
CREATE FUNCTION lever.shred(company bigint, entry uuid) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
    DELETE FROM lever.message_key WHERE company_id = company AND entry_id = entry;
    DELETE FROM lever.message_part WHERE company_id = company AND entry_id = entry;
    UPDATE lever.message SET removed_at = coalesce(removed_at, now()), sender_index = NULL, recipient_indices = '{}',
        message_id_index = NULL, signature = NULL, host_key_id = NULL
    WHERE company_id = company AND entry_id = entry
$$;

-- Removes a message. Returns why not, or null.
CREATE FUNCTION lever.remove_message(company bigint, entry uuid, reason text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    refusal text;
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    IF lever.product_role() IS NULL THEN
        RETURN lever.refuse_outsider('remove', entry, NULL, NULL);
    ELSIF NOT lever.may_erase('message') THEN
        refusal := 'this login may not erase';
    ELSE
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

-- Takes from a candidate's profile and messages what says who it was. Returns why not, or null.
CREATE FUNCTION lever.anonymize_candidate(company bigint, candidate bigint, reason text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    refusal text;
    entry uuid;
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    IF lever.product_role() IS NULL THEN
        RETURN lever.refuse_outsider('anonymize', NULL, candidate, NULL);
    ELSIF NOT lever.may_erase('candidate') THEN
        refusal := 'this login may not erase';
    ELSE
        PERFORM FROM lever.candidate AS c
        WHERE c.company_id = company AND c.candidate_id = candidate AND c.anonymized_at IS NULL FOR UPDATE;
        IF NOT FOUND THEN
            refusal := 'no such candidate';
        END IF;
    END IF;
    PERFORM lever.audit_attempt('anonymize', refusal, NULL, candidate, NULL, reason);
    IF refusal IS NOT NULL THEN
        RETURN refusal;
    END IF;

    -- A message that is being stored holds its thread: wait for it, and let none in after it.
    PERFORM FROM lever.thread AS t WHERE t.company_id = company AND t.candidate_id = candidate
    ORDER BY t.thread_id FOR UPDATE;
    UPDATE lever.thread AS t SET erased_at = now() WHERE t.company_id = company AND t.candidate_id = candidate;
    FOR entry IN SELECT m.entry_id FROM lever.message AS m WHERE m.company_id = company AND m.candidate_id = candidate
    LOOP
        PERFORM lever.shred(company, entry);
    END LOOP;
    -- Their digests are of what people wrote.
    DELETE FROM lever.message_dedupe AS d USING lever.message AS m
    WHERE m.company_id = company AND m.candidate_id = candidate AND d.company_id = company AND d.entry_id = m.entry_id;
    UPDATE lever.message AS m SET dedupe_key = sha256(uuid_send(gen_random_uuid()))
    WHERE m.company_id = company AND m.candidate_id = candidate;
    UPDATE lever.candidate AS c SET head = NULL, tail = NULL, anonymized_at = now(),
        email_index = lever.reapplicant_index(company, c.email_index)
    WHERE c.company_id = company AND c.candidate_id = candidate;
    RETURN NULL;
END
$$;

-- Deletes messages and delivery records that are older than the company keeps them, at most so many of each, and says
-- how many it were: null if the company keeps everything. `refusal` says why not.
CREATE FUNCTION lever.apply_retention(
    company bigint, at_most integer, OUT messages bigint, OUT records bigint, OUT refusal text
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    days integer;
    oldest timestamptz;
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    IF NOT lever.may_erase('company') THEN
        refusal := lever.refuse_outsider('retention', NULL, NULL, NULL);
        RETURN;
    END IF;
    SELECT c.retention_days INTO days FROM lever.company AS c WHERE c.company_id = company;
    IF days IS NULL THEN
        RETURN;
    END IF;
    oldest := now() - make_interval(days => days);
    WITH expired AS (
        SELECT m.entry_id FROM lever.message AS m WHERE m.company_id = company AND m.accepted_at < oldest
        ORDER BY m.accepted_at LIMIT at_most FOR UPDATE SKIP LOCKED)
    DELETE FROM lever.message AS m USING expired AS e WHERE m.company_id = company AND m.entry_id = e.entry_id;
    GET DIAGNOSTICS messages = ROW_COUNT;
    DELETE FROM lever.delivery AS d WHERE d.company_id = company AND d.entry_id IN (
        SELECT o.entry_id FROM lever.delivery AS o WHERE o.company_id = company AND o.accepted_at < oldest
        ORDER BY o.accepted_at LIMIT at_most);
    GET DIAGNOSTICS records = ROW_COUNT;
    IF messages > 0 THEN
        PERFORM lever.append_audit(
            'retention', true, NULL, NULL, NULL, format('%s messages older than %s days', messages, days));
    END IF;
END
$$;
CREATE INDEX message_by_time ON lever.message (company_id, accepted_at);

-- Whether a message of that time is older than the company keeps them.
CREATE FUNCTION lever.is_expired(company bigint, accepted_at timestamptz) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM lever.company AS c
        WHERE c.company_id = company AND is_expired.accepted_at < now() - make_interval(days => c.retention_days))
$$;

-- Whether a message that a mail host still has, waiting or in quarantine, was erased in the meantime.
CREATE FUNCTION lever.erased(
    company_ids bigint[], entry_ids uuid[], thread_ids bigint[], accepted_ats timestamptz[]
) RETURNS boolean[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    element record;
    results boolean[] := '{}';
BEGIN
    FOR element IN
        SELECT * FROM unnest(company_ids, entry_ids, thread_ids, accepted_ats) WITH ORDINALITY
            AS e (company_id, entry_id, thread_id, accepted_at, position)
        ORDER BY position
    LOOP
        PERFORM set_config('lever.company', element.company_id::text, true);
        results := results || (
            EXISTS (
                SELECT FROM lever.thread AS t WHERE t.company_id = element.company_id
                    AND t.thread_id = element.thread_id AND t.erased_at IS NOT NULL)
            OR EXISTS (
                SELECT FROM lever.message AS m WHERE m.company_id = element.company_id
                    AND m.entry_id = element.entry_id AND m.removed_at IS NOT NULL)
            OR lever.is_expired(element.company_id, element.accepted_at));
    END LOOP;
    RETURN results;
END
$$;

GRANT EXECUTE ON FUNCTION lever.remove_message, lever.anonymize_candidate TO lever_reader;
GRANT EXECUTE ON FUNCTION lever.apply_retention TO lever_retention;
GRANT EXECUTE ON FUNCTION lever.erased TO lever_ingest;
