-- The one way in. Mail hosts may execute lever.ingest and read lever.routing, nothing else.

SET LOCAL ROLE lever_owner;

-- Fixed-length values that stand one behind the other in one. A rest that is too short shows in the tables' checks.
CREATE FUNCTION lever.split(packed bytea, bytes integer) RETURNS bytea[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN ARRAY(
    SELECT substring(packed FROM start FOR bytes)
    FROM generate_series(1, octet_length(packed), bytes) AS start);

-- A message is whole once the transaction that brought it ends. A deferred trigger runs as the session's role, hence
-- SECURITY DEFINER.
CREATE FUNCTION lever.require_every_part() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF (SELECT coalesce(sum(octet_length(bytes)), 0) FROM lever.message_part
        WHERE company_id = NEW.company_id AND entry_id = NEW.entry_id) <> NEW.tail_size
    THEN
        RAISE 'a message came without all of its parts' USING ERRCODE = 'LV001';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER require_every_part AFTER INSERT ON lever.message
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION lever.require_every_part();

-- Takes parallel arrays and returns one outcome for each element. An element is one of these:
--   a message     outcome 'captured', with its head and part 0 of its tail
--   another part  outcome 'captured', no head: a further part of a message that came before it
--   a record      any other outcome: goes to the delivery log alone
-- Outcomes: captured; duplicate, if the company has the same mail under another entry; unknown_thread. Neither of the
-- latter two leaves anything but its row in the delivery log, and a duplicate that goes out makes an internal mail an
-- outbound one; further parts of them must not be sent. Whatever came before may come again, which changes nothing: a
-- host that lost its connection before it heard of the commit repeats.
-- key_ids and recipient_indices are packed: 20 and 16 bytes each, one behind the other.
-- Error state LV001: the parts do not fit the message. It is as final as the violation of a constraint.
CREATE FUNCTION lever.ingest(
    company_ids bigint[], entry_ids uuid[], thread_ids bigint[], directions text[], outcomes text[],
    accepted_ats timestamptz[], sizes bigint[], hosts text[], queue_ids text[],
    dedupe_keys bytea[], key_ids bytea[], sender_indices bytea[], recipient_indices bytea[],
    message_id_indices bytea[], index_versions smallint[],
    heads bytea[], tail_sizes bigint[], part_numbers integer[], parts bytea[]
) RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    element record;
    candidate bigint;
    stored_entry uuid;
    expected_length bigint;
    outcome text;
    results text[] := '{}';
BEGIN
    FOR element IN
        SELECT * FROM unnest(
            company_ids, entry_ids, thread_ids, directions, outcomes, accepted_ats, sizes, hosts, queue_ids,
            dedupe_keys, key_ids, sender_indices, recipient_indices, message_id_indices, index_versions,
            heads, tail_sizes, part_numbers, parts
        ) WITH ORDINALITY AS e (
            company_id, entry_id, thread_id, direction, outcome, accepted_at, size, host, queue_id,
            dedupe_key, key_ids, sender_index, recipient_indices, message_id_index, index_version,
            head, tail_size, part, bytes, position
        ) ORDER BY position
    LOOP
        outcome := element.outcome;

        IF outcome = 'captured' AND element.head IS NOT NULL THEN
            SELECT t.candidate_id INTO candidate FROM lever.thread AS t
            WHERE t.company_id = element.company_id AND t.thread_id = element.thread_id
            FOR KEY SHARE;

            IF NOT FOUND THEN
                outcome := 'unknown_thread';
            ELSE
                -- Of two hosts that race with the same mail, one waits here for the other's commit.
                INSERT INTO lever.message (
                    company_id, entry_id, candidate_id, thread_id, direction, accepted_at, size, tail_size, host,
                    queue_id, dedupe_key, key_ids, sender_index, recipient_indices, message_id_index, index_version
                ) VALUES (
                    element.company_id, element.entry_id, candidate, element.thread_id, element.direction,
                    element.accepted_at, element.size, element.tail_size, element.host, element.queue_id,
                    element.dedupe_key, lever.split(element.key_ids, 20), element.sender_index,
                    lever.split(element.recipient_indices, 16), element.message_id_index, element.index_version
                ) ON CONFLICT (company_id, dedupe_key) DO NOTHING;

                IF FOUND THEN
                    INSERT INTO lever.message_key (company_id, entry_id, head)
                    VALUES (element.company_id, element.entry_id, element.head);
                ELSE
                    SELECT m.entry_id INTO stored_entry FROM lever.message AS m
                    WHERE m.company_id = element.company_id AND m.dedupe_key = element.dedupe_key;
                    IF NOT FOUND THEN
                        RAISE 'the message in the way is gone, try again' USING ERRCODE = 'serialization_failure';
                    ELSIF stored_entry <> element.entry_id THEN
                        outcome := 'duplicate';
                        -- A server may split a mail by its recipients: colleagues get one part, the candidate another.
                        UPDATE lever.message AS m SET direction = 'outbound'
                        WHERE m.company_id = element.company_id AND m.entry_id = stored_entry
                            AND m.direction = 'internal' AND element.direction = 'outbound';
                    END IF;
                END IF;
            END IF;
        END IF;

        IF outcome = 'captured' THEN
            SELECT least(1048576, m.tail_size - element.part * 1048576::bigint) INTO expected_length
            FROM lever.message AS m
            WHERE m.company_id = element.company_id AND m.entry_id = element.entry_id;
            IF octet_length(element.bytes) IS DISTINCT FROM expected_length THEN
                RAISE 'a part does not fit its message' USING ERRCODE = 'LV001';
            END IF;
            INSERT INTO lever.message_part (company_id, entry_id, part, bytes)
            VALUES (element.company_id, element.entry_id, element.part, element.bytes)
            ON CONFLICT DO NOTHING;
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
