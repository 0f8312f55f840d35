-- The delivery log as operators ask it: how a message was recognised, when it came how far, what Message-ID it had (as a
-- blind index), for how long rows are kept, and who sees them.

-- Roles are the cluster's: this one may be there already.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'lever_operator') THEN
        CREATE ROLE lever_operator NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL; -- Made this moment, for another database of the cluster.
END
$$;

SET LOCAL ROLE lever_owner;

-- What is known of a marked message: accepted_at, when its header was read; spooled_at, when it was whole in the mail
-- host's spool, null where it never was; stored_at, when this row was written, a moment before the commit.
ALTER TABLE lever.delivery
    ALTER COLUMN stored_at SET DEFAULT clock_timestamp(),
    ADD COLUMN spooled_at timestamptz,
    -- The header field that the marker was found in.
    ADD COLUMN matched text CHECK (matched IN ('in_reply_to', 'references', 'x_lever_thread', 'message_id')),
    -- Null where the company is not known, where the signature is wrong, and once the message was erased.
    ADD COLUMN message_id_index bytea CHECK (octet_length(message_id_index) = 16),
    ADD COLUMN index_version smallint CHECK (index_version BETWEEN 1 AND 255),
    -- The marker names a company that did not exist when it came: nobody's row, which anybody can forge.
    ADD COLUMN is_stray boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT delivery_index_has_version CHECK ((message_id_index IS NULL) = (index_version IS NULL));

ALTER TABLE lever.delivery NO FORCE ROW LEVEL SECURITY;
UPDATE lever.delivery AS d SET is_stray = true
WHERE NOT EXISTS (SELECT FROM lever.company AS c WHERE c.company_id = d.company_id);
ALTER TABLE lever.delivery FORCE ROW LEVEL SECURITY;

CREATE INDEX delivery_by_acceptance ON lever.delivery (accepted_at);
CREATE INDEX delivery_by_storage ON lever.delivery (stored_at);
CREATE INDEX delivery_by_queue_id ON lever.delivery (queue_id);
CREATE INDEX delivery_by_message_id ON lever.delivery (message_id_index) WHERE message_id_index IS NOT NULL;
CREATE INDEX delivery_stray ON lever.delivery (accepted_at) WHERE is_stray;

-- Who sees what. Readers and auditors see no index.
REVOKE SELECT ON lever.delivery FROM lever_reader, lever_auditor;
GRANT SELECT (company_id, entry_id, thread_id, direction, outcome, size, host, queue_id, accepted_at, spooled_at,
    stored_at, matched) ON lever.delivery TO lever_reader, lever_auditor;

-- Every company that the session's login was granted access to.
CREATE FUNCTION lever.granted_companies() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT array(SELECT company_id FROM lever.access_grant WHERE login = session_user) $$;

GRANT USAGE ON SCHEMA lever TO lever_operator;
GRANT SELECT ON lever.schema_version, lever.delivery TO lever_operator;
GRANT SELECT (company_id, name) ON lever.company TO lever_operator;
GRANT EXECUTE ON FUNCTION lever.granted_companies TO lever_operator;
-- An operator asks for all of the companies at once, and names none.
CREATE POLICY operator ON lever.company FOR SELECT TO lever_operator
    USING (company_id = ANY ((SELECT lever.granted_companies())::bigint[]));
CREATE POLICY operator ON lever.delivery FOR SELECT TO lever_operator
    USING (is_stray OR company_id = ANY ((SELECT lever.granted_companies())::bigint[]));
CREATE POLICY owner_stray ON lever.delivery FOR SELECT TO lever_owner USING (is_stray);
CREATE POLICY owner_delete_stray ON lever.delivery FOR DELETE TO lever_owner USING (is_stray);

-- Days that rows of the delivery log are kept; never longer than the company keeps messages.
ALTER TABLE lever.company
    ADD COLUMN delivery_days integer NOT NULL DEFAULT 90 CHECK (delivery_days BETWEEN 1 AND 36500);

-- Deletes messages and delivery records that are older than the company keeps them, at most so many of each, and says
-- how many it were; `messages` is null if the company keeps them for ever. `refusal` says why not.
CREATE OR REPLACE FUNCTION lever.apply_retention(
    company bigint, at_most integer, OUT messages bigint, OUT records bigint, OUT refusal text
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    days integer;
    record_days integer;
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    IF NOT lever.may_erase('company') THEN
        refusal := lever.refuse_outsider('retention', NULL, NULL, NULL);
        RETURN;
    END IF;
    SELECT c.retention_days, least(c.delivery_days, c.retention_days) INTO days, record_days
    FROM lever.company AS c WHERE c.company_id = company;
    IF days IS NOT NULL THEN
        WITH expired AS (
            SELECT m.entry_id FROM lever.message AS m
            WHERE m.company_id = company AND m.accepted_at < now() - make_interval(days => days)
            ORDER BY m.accepted_at LIMIT at_most FOR UPDATE SKIP LOCKED)
        DELETE FROM lever.message AS m USING expired AS e WHERE m.company_id = company AND m.entry_id = e.entry_id;
        GET DIAGNOSTICS messages = ROW_COUNT;
    END IF;
    DELETE FROM lever.delivery AS d WHERE d.company_id = company AND d.entry_id IN (
        SELECT o.entry_id FROM lever.delivery AS o
        WHERE o.company_id = company AND o.accepted_at < now() - make_interval(days => record_days)
        ORDER BY o.accepted_at LIMIT at_most);
    GET DIAGNOSTICS records = ROW_COUNT;
    IF messages > 0 THEN
        PERFORM lever.append_audit(
            'retention', true, NULL, NULL, NULL, format('%s messages older than %s days', messages, days));
    END IF;
END
$$;

-- The same for rows that are nobody's, at most so many: a login that works for some company deletes them after 90 days.
CREATE FUNCTION lever.delete_stray_records(at_most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    deleted bigint;
BEGIN
    IF cardinality(lever.granted_companies()) = 0 THEN
        RETURN 0;
    END IF;
    DELETE FROM lever.delivery AS d WHERE (d.company_id, d.entry_id) IN (
        SELECT o.company_id, o.entry_id FROM lever.delivery AS o
        WHERE o.is_stray AND o.accepted_at < now() - interval '90 days'
        ORDER BY o.accepted_at LIMIT at_most);
    GET DIAGNOSTICS deleted = ROW_COUNT;
    RETURN deleted;
END
$$;
GRANT EXECUTE ON FUNCTION lever.delete_stray_records TO lever_retention;

-- Leaves of a message what happened and when, nothing of what or who; nor of another time that it came.
CREATE OR REPLACE FUNCTION lever.shred(company bigint, entry uuid) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE lever.delivery AS d SET message_id_index = NULL, index_version = NULL
    FROM lever.message AS m
    WHERE m.company_id = company AND m.entry_id = entry AND d.company_id = company
        AND d.message_id_index = m.message_id_index AND d.index_version = m.index_version;
    DELETE FROM lever.message_key WHERE company_id = company AND entry_id = entry;
    DELETE FROM lever.message_part WHERE company_id = company AND entry_id = entry;
    UPDATE lever.message SET removed_at = coalesce(removed_at, now()), sender_index = NULL, recipient_indices = '{}',
        message_id_index = NULL, signature = NULL, host_key_id = NULL
    WHERE company_id = company AND entry_id = entry
$$;

-- Takes from a candidate's profile and messages what says who it was. Returns why not, or null.
CREATE OR REPLACE FUNCTION lever.anonymize_candidate(company bigint, candidate bigint, reason text) RETURNS text
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
    -- What was not stored of their threads had a message id too.
    UPDATE lever.delivery AS d SET message_id_index = NULL, index_version = NULL
    WHERE d.company_id = company AND d.message_id_index IS NOT NULL AND d.thread_id IN (
        SELECT t.thread_id FROM lever.thread AS t WHERE t.company_id = company AND t.candidate_id = candidate);
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

DROP FUNCTION lever.ingest;

-- Takes parallel arrays and returns one outcome for each element. An element is one of these:
--   a message     outcome 'captured', with its head and part 0 of its tail
--   another part  outcome 'captured', no head: a further part of a message that came before it
--   a record      any other outcome: goes to the delivery log alone
-- Outcomes: captured; duplicate, if the company has the same mail under another entry; unknown_thread; erased, if the
-- candidate is anonymous, the message was removed, or it is older than the company keeps. None but the first leaves
-- anything but its row in the delivery log, but that a duplicate adds its recipients, and its direction if it goes out;
-- further parts of them must not be sent. Whatever came before may come again, which changes nothing: a host that lost
-- its connection before it heard of the commit repeats.
-- dedupe_keys, key_ids and recipient_indices are packed: 32, 20 and 16 bytes each, one behind the other. The first
-- dedupe key is that of the index version given. Records have a message id's index, and its version, where the company
-- is known and the marker is true.
-- Error state LV001: the parts do not fit the message. It is as final as the violation of a constraint.
CREATE FUNCTION lever.ingest(
    company_ids bigint[], entry_ids uuid[], thread_ids bigint[], directions text[], outcomes text[],
    accepted_ats timestamptz[], sizes bigint[], hosts text[], queue_ids text[],
    dedupe_keys bytea[], key_ids bytea[], sender_indices bytea[], recipient_indices bytea[],
    message_id_indices bytea[], index_versions smallint[], host_key_ids bytea[], signatures bytea[],
    heads bytea[], tail_sizes bigint[], part_numbers integer[], parts bytea[], matched text[],
    spooled_ats timestamptz[]
) RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    element record;
    candidate bigint;
    is_erased boolean;
    keys bytea[];
    stored_entry uuid;
    expected_length bigint;
    outcome text;
    results text[] := '{}';
BEGIN
    FOR element IN
        SELECT * FROM unnest(
            company_ids, entry_ids, thread_ids, directions, outcomes, accepted_ats, sizes, hosts, queue_ids,
            dedupe_keys, key_ids, sender_indices, recipient_indices, message_id_indices, index_versions,
            host_key_ids, signatures, heads, tail_sizes, part_numbers, parts, matched, spooled_ats
        ) WITH ORDINALITY AS e (
            company_id, entry_id, thread_id, direction, outcome, accepted_at, size, host, queue_id,
            dedupe_keys, key_ids, sender_index, recipient_indices, message_id_index, index_version,
            host_key_id, signature, head, tail_size, part, bytes, matched, spooled_at, position
        ) ORDER BY position
    LOOP
        PERFORM set_config('lever.company', element.company_id::text, true);
        outcome := element.outcome;

        IF outcome = 'captured' AND element.head IS NOT NULL THEN
            SELECT t.candidate_id, t.erased_at IS NOT NULL INTO candidate, is_erased FROM lever.thread AS t
            WHERE t.company_id = element.company_id AND t.thread_id = element.thread_id
            FOR KEY SHARE;

            IF NOT FOUND THEN
                outcome := 'unknown_thread';
            ELSIF is_erased OR lever.is_expired(element.company_id, element.accepted_at) THEN
                outcome := 'erased';
            ELSE
                -- Of two hosts that race with the same mail, one waits here for the other's commit.
                keys := lever.split(element.dedupe_keys, 32);
                INSERT INTO lever.message_dedupe (company_id, dedupe_key, entry_id)
                SELECT element.company_id, key, element.entry_id FROM unnest(keys) AS key ORDER BY key
                ON CONFLICT DO NOTHING;
                SELECT d.entry_id INTO stored_entry FROM lever.message_dedupe AS d
                WHERE d.company_id = element.company_id AND d.dedupe_key = ANY (keys)
                    AND d.entry_id <> element.entry_id
                LIMIT 1;

                IF FOUND THEN
                    outcome := 'duplicate';
                    -- From now on it is known under each of these keys.
                    UPDATE lever.message_dedupe AS d SET entry_id = stored_entry
                    WHERE d.company_id = element.company_id AND d.dedupe_key = ANY (keys)
                        AND d.entry_id = element.entry_id;
                    -- A server may split a mail by its recipients: colleagues get one part, the candidate another. The
                    -- entry goes out if one of them does, and all of them take part.
                    UPDATE lever.message AS m SET direction = 'outbound'
                    WHERE m.company_id = element.company_id AND m.entry_id = stored_entry
                        AND m.direction = 'internal' AND element.direction = 'outbound';
                    UPDATE lever.message AS m SET recipient_indices = (
                        SELECT array_agg(DISTINCT index)
                        FROM unnest(m.recipient_indices || lever.split(element.recipient_indices, 16)) AS index)
                    WHERE m.company_id = element.company_id AND m.entry_id = stored_entry
                        AND m.index_version = element.index_version AND m.removed_at IS NULL
                        -- A hash, and not `@>`, which compares each with each and is not interrupted. No daemon brings
                        -- more than a thousand at a time.
                        AND cardinality(m.recipient_indices) < 10000 AND EXISTS (
                            SELECT unnest(lever.split(element.recipient_indices, 16))
                            EXCEPT SELECT unnest(m.recipient_indices));
                ELSIF NOT EXISTS (
                    SELECT FROM lever.message AS m WHERE m.company_id = element.company_id
                        AND m.entry_id = element.entry_id AND m.dedupe_key = keys[1])
                THEN
                    INSERT INTO lever.message (
                        company_id, entry_id, candidate_id, thread_id, direction, accepted_at, size, tail_size, host,
                        queue_id, dedupe_key, key_ids, sender_index, recipient_indices, message_id_index,
                        index_version, host_key_id, signature
                    ) VALUES (
                        element.company_id, element.entry_id, candidate, element.thread_id, element.direction,
                        element.accepted_at, element.size, element.tail_size, element.host, element.queue_id,
                        keys[1], lever.split(element.key_ids, 20), element.sender_index,
                        lever.split(element.recipient_indices, 16), element.message_id_index, element.index_version,
                        element.host_key_id, element.signature
                    );
                    INSERT INTO lever.message_key (company_id, entry_id, head)
                    VALUES (element.company_id, element.entry_id, element.head);
                END IF;
            END IF;
        END IF;

        IF outcome = 'captured' THEN
            SELECT least(1048576, m.tail_size - element.part * 1048576::bigint), m.removed_at IS NOT NULL
            INTO expected_length, is_erased
            FROM lever.message AS m
            WHERE m.company_id = element.company_id AND m.entry_id = element.entry_id
            FOR KEY SHARE; -- A removal at the same time ends before its parts could come back.
            IF is_erased THEN
                outcome := 'erased';
            ELSIF octet_length(element.bytes) IS DISTINCT FROM expected_length THEN
                RAISE 'a part does not fit its message' USING ERRCODE = 'LV001';
            ELSE
                INSERT INTO lever.message_part (company_id, entry_id, part, bytes)
                VALUES (element.company_id, element.entry_id, element.part, element.bytes)
                ON CONFLICT DO NOTHING;
            END IF;
        END IF;

        IF outcome IS DISTINCT FROM 'captured' OR element.head IS NOT NULL THEN
            INSERT INTO lever.delivery (
                company_id, entry_id, thread_id, direction, outcome, size, host, queue_id, accepted_at, spooled_at, matched,
                message_id_index, index_version, is_stray
            ) VALUES (
                element.company_id, element.entry_id, element.thread_id, element.direction, outcome, element.size,
                element.host, element.queue_id, element.accepted_at, element.spooled_at, element.matched,
                -- Of what was erased nothing is kept that says what it was.
                CASE WHEN outcome <> 'erased' THEN element.message_id_index END,
                CASE WHEN outcome <> 'erased' AND element.message_id_index IS NOT NULL THEN element.index_version END,
                NOT EXISTS (SELECT FROM lever.company AS c WHERE c.company_id = element.company_id)
            ) ON CONFLICT (company_id, entry_id) DO UPDATE
            -- A message that was refused, kept in quarantine, and brought again when what was missing was there.
            SET outcome = excluded.outcome, stored_at = excluded.stored_at
            WHERE delivery.outcome IN ('unknown_thread', 'ingest_rejected') AND element.head IS NOT NULL;
        END IF;

        results := results || outcome;
    END LOOP;
    RETURN results;
END
$$;

GRANT EXECUTE ON FUNCTION lever.ingest TO lever_ingest;
