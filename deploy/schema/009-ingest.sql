-- Ingest, once more: messages have signatures, several dedupe keys, and may have been erased before they come.

SET LOCAL ROLE lever_owner;

DROP FUNCTION lever.ingest;

-- Row-level security holds for the owner as well, so the company of each row is named before it is touched.
CREATE OR REPLACE FUNCTION lever.require_every_part() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('lever.company', NEW.company_id::text, true);
    IF (SELECT coalesce(sum(octet_length(bytes)), 0) FROM lever.message_part
        WHERE company_id = NEW.company_id AND entry_id = NEW.entry_id) <> NEW.tail_size
    THEN
        RAISE 'a message came without all of its parts' USING ERRCODE = 'LV001';
    END IF;
    RETURN NULL;
END
$$;

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
-- dedupe key is that of the index version given.
-- Error state LV001: the parts do not fit the message. It is as final as the violation of a constraint.
CREATE FUNCTION lever.ingest(
    company_ids bigint[], entry_ids uuid[], thread_ids bigint[], directions text[], outcomes text[],
    accepted_ats timestamptz[], sizes bigint[], hosts text[], queue_ids text[],
    dedupe_keys bytea[], key_ids bytea[], sender_indices bytea[], recipient_indices bytea[],
    message_id_indices bytea[], index_versions smallint[], host_key_ids bytea[], signatures bytea[],
    heads bytea[], tail_sizes bigint[], part_numbers integer[], parts bytea[]
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
            host_key_ids, signatures, heads, tail_sizes, part_numbers, parts
        ) WITH ORDINALITY AS e (
            company_id, entry_id, thread_id, direction, outcome, accepted_at, size, host, queue_id,
            dedupe_keys, key_ids, sender_index, recipient_indices, message_id_index, index_version,
            host_key_id, signature, head, tail_size, part, bytes, position
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
                        AND NOT m.recipient_indices @> lever.split(element.recipient_indices, 16);
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
                company_id, entry_id, thread_id, direction, outcome, size, host, queue_id, accepted_at
            ) VALUES (
                element.company_id, element.entry_id, element.thread_id, element.direction, outcome, element.size,
                element.host, element.queue_id, element.accepted_at
            ) ON CONFLICT DO NOTHING;
        END IF;

        results := results || outcome;
    END LOOP;
    RETURN results;
END
$$;

GRANT EXECUTE ON FUNCTION lever.ingest TO lever_ingest;
