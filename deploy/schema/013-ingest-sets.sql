-- Ingest, by the batch: each table takes its rows of a whole batch in one statement. Signature, outcomes and what is
-- stored are those of 011.

SET LOCAL ROLE lever_owner;

-- The companies that the batch at hand is of.
CREATE FUNCTION lever.batch_companies() RETURNS bigint[]
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('lever.companies', true), '')::bigint[];

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['thread', 'message', 'message_key', 'message_part', 'message_dedupe', 'delivery'] LOOP
        EXECUTE format(
            'CREATE POLICY owner_batch ON lever.%I TO lever_owner '
            'USING (company_id = ANY ((SELECT lever.batch_companies())::bigint[]))', name);
    END LOOP;
END
$$;

-- It checks two columns of each message, and a function in SQL is planned anew each time.
CREATE OR REPLACE FUNCTION lever.each_has_length(items bytea[], bytes integer) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    item bytea;
BEGIN
    FOREACH item IN ARRAY items LOOP
        IF pg_catalog.octet_length(item) OPERATOR(pg_catalog.<>) bytes THEN
            RETURN false;
        END IF;
    END LOOP;
    RETURN true;
END
$$;

-- So is what splits values that are one behind the other, most of which are one alone.
CREATE OR REPLACE FUNCTION lever.split(packed bytea, bytes integer) RETURNS bytea[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
BEGIN
    IF octet_length(packed) BETWEEN 1 AND bytes THEN
        RETURN ARRAY[packed];
    END IF;
    RETURN ARRAY(
        SELECT substring(packed FROM start FOR bytes) FROM generate_series(1, octet_length(packed), bytes) AS start);
END
$$;

-- A message of one part comes with it, in one call; the others are looked at when their transaction ends.
DROP TRIGGER require_every_part ON lever.message;
CREATE CONSTRAINT TRIGGER require_every_part AFTER INSERT ON lever.message
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.tail_size > 1048576)
    EXECUTE FUNCTION lever.require_every_part();

-- What hangs on a message goes with it. Foreign keys would look each of these rows' message up once more as it comes,
-- which lever.ingest has just written itself.
ALTER TABLE lever.message_key DROP CONSTRAINT message_key_company_id_entry_id_fkey;
ALTER TABLE lever.message_part DROP CONSTRAINT message_part_company_id_entry_id_fkey;
ALTER TABLE lever.message_dedupe DROP CONSTRAINT message_dedupe_company_id_entry_id_fkey;

CREATE FUNCTION lever.delete_with_message() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    batch CONSTANT text := current_setting('lever.companies', true);
BEGIN
    PERFORM set_config('lever.companies', ARRAY[OLD.company_id]::text, true);
    DELETE FROM lever.message_key WHERE company_id = OLD.company_id AND entry_id = OLD.entry_id;
    DELETE FROM lever.message_part WHERE company_id = OLD.company_id AND entry_id = OLD.entry_id;
    DELETE FROM lever.message_dedupe WHERE company_id = OLD.company_id AND entry_id = OLD.entry_id;
    PERFORM set_config('lever.companies', batch, true);
    RETURN NULL;
END
$$;
CREATE TRIGGER delete_with_message AFTER DELETE ON lever.message
    FOR EACH ROW EXECUTE FUNCTION lever.delete_with_message();

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
--
-- Plans are kept, and go by the keys whatever the tables held when they were made: what suits an empty table would read
-- all of a full one.
CREATE OR REPLACE FUNCTION lever.ingest(
    company_ids bigint[], entry_ids uuid[], thread_ids bigint[], directions text[], outcomes text[],
    accepted_ats timestamptz[], sizes bigint[], hosts text[], queue_ids text[],
    dedupe_keys bytea[], key_ids bytea[], sender_indices bytea[], recipient_indices bytea[],
    message_id_indices bytea[], index_versions smallint[], host_key_ids bytea[], signatures bytea[],
    heads bytea[], tail_sizes bigint[], part_numbers integer[], parts bytea[], matched text[],
    spooled_ats timestamptz[]
) RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
    -- For each element: what becomes of it, whether it is a message, the candidate of its thread, and whether it is a
    -- message that is to be stored now.
    results text[];
    are_messages boolean[];
    candidates bigint[];
    are_new boolean[];
    expected bigint;
    written bigint;
    element record;
    keys bytea[];
    stored_entry uuid;
    expected_length bigint;
    is_erased boolean;
BEGIN
    PERFORM set_config(
        'lever.companies', (SELECT array_agg(DISTINCT company) FROM unnest(company_ids) AS company)::text, true);

    SELECT
        array_agg(CASE
            WHEN NOT e.is_message THEN e.outcome
            WHEN t.candidate_id IS NULL THEN 'unknown_thread'
            WHEN t.is_erased OR e.accepted_at < now() - make_interval(days => c.retention_days) THEN 'erased'
            ELSE 'captured' END ORDER BY e.position),
        array_agg(e.is_message ORDER BY e.position),
        array_agg(t.candidate_id ORDER BY e.position)
    INTO results, are_messages, candidates
    FROM (
        SELECT u.company_id, u.thread_id, u.outcome, u.accepted_at, u.position,
            coalesce(u.outcome = 'captured' AND u.head IS NOT NULL, false) AS is_message
        FROM unnest(company_ids, thread_ids, outcomes, accepted_ats, heads) WITH ORDINALITY
            AS u (company_id, thread_id, outcome, accepted_at, head, position)
    ) AS e
    LEFT JOIN LATERAL (
        SELECT t.candidate_id, t.erased_at IS NOT NULL AS is_erased FROM lever.thread AS t
        WHERE e.is_message AND t.company_id = e.company_id AND t.thread_id = e.thread_id
        FOR KEY SHARE
    ) AS t ON true
    LEFT JOIN lever.company AS c ON c.company_id = e.company_id;
    IF results IS NULL THEN
        RETURN '{}';
    END IF;

    -- Of two hosts that race with the same mail, one waits here for the other's commit. All go by one order.
    INSERT INTO lever.message_dedupe (company_id, dedupe_key, entry_id)
    SELECT k.company_id, k.key, k.entry_id FROM (
        SELECT e.company_id, unnest(lever.split(e.dedupe_keys, 32)) AS key, e.entry_id, e.position
        FROM unnest(company_ids, entry_ids, dedupe_keys, results, are_messages) WITH ORDINALITY
            AS e (company_id, entry_id, dedupe_keys, result, is_message, position)
        WHERE e.is_message AND e.result = 'captured'
    ) AS k
    ORDER BY k.company_id, k.key, k.position
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS written = ROW_COUNT;

    SELECT array_agg(e.is_message AND e.result = 'captured' ORDER BY e.position),
        sum((octet_length(e.dedupe_keys) + 31) / 32) FILTER (WHERE e.is_message AND e.result = 'captured')
    INTO are_new, expected
    FROM unnest(dedupe_keys, results, are_messages) WITH ORDINALITY AS e (dedupe_keys, result, is_message, position);

    IF written < expected THEN
        -- Some mails are there already, under another entry or their own.
        SELECT array_agg(CASE WHEN e.is_duplicate THEN 'duplicate' ELSE e.result END ORDER BY e.position),
            array_agg(e.is_new AND NOT e.is_duplicate AND e.repetition = 1 AND NOT EXISTS (
                SELECT FROM lever.message AS m WHERE m.company_id = e.company_id AND m.entry_id = e.entry_id
                    AND m.dedupe_key = substring(e.dedupe_keys FOR 32)) ORDER BY e.position)
        INTO results, are_new
        FROM (
            SELECT u.*,
                u.is_new AND EXISTS (
                    SELECT FROM unnest(lever.split(u.dedupe_keys, 32)) AS key
                    JOIN lever.message_dedupe AS d ON d.company_id = u.company_id AND d.dedupe_key = key
                    WHERE d.entry_id <> u.entry_id) AS is_duplicate,
                row_number() OVER (
                    PARTITION BY u.company_id, u.entry_id, u.is_new, substring(u.dedupe_keys FOR 32)
                    ORDER BY u.position) AS repetition
            FROM unnest(company_ids, entry_ids, dedupe_keys, results, are_new) WITH ORDINALITY
                AS u (company_id, entry_id, dedupe_keys, result, is_new, position)
        ) AS e;
    END IF;

    INSERT INTO lever.message (
        company_id, entry_id, candidate_id, thread_id, direction, accepted_at, size, tail_size, host, queue_id,
        dedupe_key, key_ids, sender_index, recipient_indices, message_id_index, index_version, host_key_id, signature
    )
    SELECT e.company_id, e.entry_id, e.candidate_id, e.thread_id, e.direction, e.accepted_at, e.size, e.tail_size,
        e.host, e.queue_id, substring(e.dedupe_keys FOR 32),
        lever.split(e.key_ids, 20), e.sender_index, lever.split(e.recipient_indices, 16), e.message_id_index,
        e.index_version, e.host_key_id, e.signature
    FROM unnest(
        company_ids, entry_ids, candidates, thread_ids, directions, accepted_ats, sizes, tail_sizes, hosts, queue_ids,
        dedupe_keys, key_ids, sender_indices, recipient_indices, message_id_indices, index_versions, host_key_ids,
        signatures, are_new
    ) AS e (
        company_id, entry_id, candidate_id, thread_id, direction, accepted_at, size, tail_size, host, queue_id,
        dedupe_keys, key_ids, sender_index, recipient_indices, message_id_index, index_version, host_key_id,
        signature, is_new
    ) WHERE e.is_new;
    GET DIAGNOSTICS expected = ROW_COUNT;

    INSERT INTO lever.message_key (company_id, entry_id, head)
    SELECT e.company_id, e.entry_id, e.head
    FROM unnest(company_ids, entry_ids, heads, are_new) AS e (company_id, entry_id, head, is_new) WHERE e.is_new;

    INSERT INTO lever.message_part (company_id, entry_id, part, bytes)
    SELECT e.company_id, e.entry_id, e.part, e.bytes
    FROM unnest(company_ids, entry_ids, tail_sizes, part_numbers, parts, are_new)
        AS e (company_id, entry_id, tail_size, part, bytes, is_new)
    WHERE e.is_new AND octet_length(e.bytes) = least(1048576, e.tail_size - e.part * 1048576::bigint);
    GET DIAGNOSTICS written = ROW_COUNT;
    IF written <> expected THEN
        RAISE 'a part does not fit its message' USING ERRCODE = 'LV001';
    END IF;

    IF 'duplicate' = ANY (results) THEN
        FOR element IN
            SELECT e.* FROM unnest(
                company_ids, entry_ids, directions, dedupe_keys, recipient_indices, index_versions, results, are_messages
            ) WITH ORDINALITY AS e (
                company_id, entry_id, direction, dedupe_keys, recipient_indices, index_version, result, is_message,
                position
            ) WHERE e.is_message AND e.result = 'duplicate' ORDER BY e.position
        LOOP
            keys := lever.split(element.dedupe_keys, 32);
            SELECT d.entry_id INTO stored_entry
            FROM unnest(keys) AS key
            JOIN lever.message_dedupe AS d ON d.company_id = element.company_id AND d.dedupe_key = key
            WHERE d.entry_id <> element.entry_id
            LIMIT 1;
            PERFORM FROM lever.message AS m WHERE m.company_id = element.company_id AND m.entry_id = stored_entry
            FOR KEY SHARE;
            IF NOT FOUND THEN
                -- It was deleted this moment. Brought again, the mail is a new one.
                RAISE 'a message was deleted while another copy of it came' USING ERRCODE = 'serialization_failure';
            END IF;
            -- From now on it is known under each of these keys.
            UPDATE lever.message_dedupe AS d SET entry_id = stored_entry
            FROM unnest(keys) AS key
            WHERE d.company_id = element.company_id AND d.dedupe_key = key AND d.entry_id = element.entry_id;
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
        END LOOP;
    END IF;

    -- What came before, and further parts.
    IF EXISTS (SELECT FROM unnest(results, are_new) AS e (result, is_new) WHERE e.result = 'captured' AND NOT e.is_new) THEN
        FOR element IN
            SELECT e.* FROM unnest(company_ids, entry_ids, part_numbers, parts, results, are_new) WITH ORDINALITY
                AS e (company_id, entry_id, part, bytes, result, is_new, position)
            WHERE e.result = 'captured' AND NOT e.is_new ORDER BY e.position
        LOOP
            SELECT least(1048576, m.tail_size - element.part * 1048576::bigint), m.removed_at IS NOT NULL
            INTO expected_length, is_erased
            FROM lever.message AS m
            WHERE m.company_id = element.company_id AND m.entry_id = element.entry_id
            FOR KEY SHARE; -- A removal at the same time ends before its parts could come back.
            IF is_erased THEN
                results[element.position] := 'erased';
            ELSIF octet_length(element.bytes) IS DISTINCT FROM expected_length THEN
                RAISE 'a part does not fit its message' USING ERRCODE = 'LV001';
            ELSE
                INSERT INTO lever.message_part (company_id, entry_id, part, bytes)
                VALUES (element.company_id, element.entry_id, element.part, element.bytes)
                ON CONFLICT DO NOTHING;
            END IF;
        END LOOP;
    END IF;

    INSERT INTO lever.delivery (
        company_id, entry_id, thread_id, direction, outcome, size, host, queue_id, accepted_at, spooled_at, matched,
        message_id_index, index_version, is_stray
    )
    SELECT e.company_id, e.entry_id, e.thread_id, e.direction, e.result, e.size, e.host, e.queue_id, e.accepted_at,
        e.spooled_at, e.matched,
        -- Of what was erased nothing is kept that says what it was.
        CASE WHEN e.result <> 'erased' THEN e.message_id_index END,
        CASE WHEN e.result <> 'erased' AND e.message_id_index IS NOT NULL THEN e.index_version END,
        c.company_id IS NULL
    FROM unnest(
        company_ids, entry_ids, thread_ids, directions, results, sizes, hosts, queue_ids, accepted_ats, spooled_ats,
        matched, message_id_indices, index_versions, are_messages
    ) AS e (
        company_id, entry_id, thread_id, direction, result, size, host, queue_id, accepted_at, spooled_at,
        matched, message_id_index, index_version, is_message
    )
    LEFT JOIN lever.company AS c ON c.company_id = e.company_id
    WHERE e.result IS DISTINCT FROM 'captured' OR e.is_message
    ON CONFLICT (company_id, entry_id) DO NOTHING;
    GET DIAGNOSTICS written = ROW_COUNT;

    SELECT count(*) FROM unnest(results, are_messages) AS e (result, is_message)
    WHERE e.result IS DISTINCT FROM 'captured' OR e.is_message INTO expected;
    IF written < expected THEN
        -- A message that was refused, kept in quarantine, and brought again when what was missing was there.
        UPDATE lever.delivery AS d SET outcome = e.result, stored_at = clock_timestamp()
        FROM unnest(company_ids, entry_ids, results, are_messages) AS e (company_id, entry_id, result, is_message)
        WHERE e.is_message AND d.company_id = e.company_id AND d.entry_id = e.entry_id
            AND d.outcome IN ('unknown_thread', 'ingest_rejected') AND d.outcome <> e.result;
    END IF;

    PERFORM set_config('lever.companies', '', true);
    RETURN results;
END
$$;

-- Whether a message that a mail host still has, waiting, in quarantine or delivered, was erased in the meantime.
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
                SELECT FROM lever.company AS c WHERE c.company_id = e.company_id
                    AND e.accepted_at < now() - make_interval(days => c.retention_days))
            ORDER BY e.position), '{}')
        FROM unnest(company_ids, entry_ids, thread_ids, accepted_ats) WITH ORDINALITY
            AS e (company_id, entry_id, thread_id, accepted_at, position));
END
$$;
