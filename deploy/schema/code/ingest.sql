-- The one way in. Mail hosts may call lever.ingest and read lever.routing; all else here is called by lever.ingest.
--
-- An element of a batch is one of these:
--   a message      outcome captured, with its head and part 0 of its tail
--   another part   outcome captured, without a head: a further part of a message that came before it
--   a record       any other outcome: goes to the delivery log alone
-- lever.ingest returns the outcome of each, in their order:
--   captured         stored, or stored before
--   duplicate        the thread has the same mail under another entry, which takes over what this copy adds: its
--                    recipients, its learned ids, its direction if it is outbound, and a better verdict on its author
--   unknown_thread   there is no such thread
--   erased           the candidate is anonymous, the message was removed, or it has expired
--   withdrawn_marker the thread was withdrawn before the message was accepted
--   expired_marker   the thread is older than markers of the company live, and so is the company's last message in it
--   any other        that of the record
-- Only captured messages leave more than a row in the delivery log; no further parts of the others may be sent. A host
-- that lost its connection before it heard of the commit sends the same again, which changes nothing.
--
-- SQLSTATE LV001: a part does not fit its message. Like the violation of a constraint, it does not go away by itself.

-- SQLSTATE 55P03: somebody's open transaction holds a row that the batch needs. It can only be a row of the batch's
-- companies: a batch of one company waits for nobody of another.

-- Each table takes its rows of the whole batch in one statement. Plans are kept and go by the keys: one made for an
-- empty table would read all of a full one.
CREATE OR REPLACE FUNCTION lever.ingest(batch lever.incoming[]) RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET lock_timeout = '250ms'
AS $$
DECLARE
    verdicts lever.verdict[];
    place bigint;
BEGIN
    PERFORM set_config(
        'lever.companies', (SELECT array_agg(DISTINCT e.company_id) FROM unnest(batch) AS e)::text, true);
    PERFORM lever.hold_candidates(batch);
    IF EXISTS (SELECT FROM unnest(batch) AS e WHERE e.external_candidate IS NOT NULL) THEN
        PERFORM lever.open_external_threads(batch);
    END IF;
    verdicts := lever.claim_dedupe(batch, lever.decide_incoming(batch));
    PERFORM lever.store_new(batch, verdicts);
    FOR place IN
        SELECT v.ordinality FROM unnest(verdicts) WITH ORDINALITY AS v WHERE v.is_message AND v.result = 'duplicate'
        ORDER BY v.ordinality
    LOOP
        PERFORM lever.merge_duplicate(batch[place]);
    END LOOP;
    -- Messages that came before, and further parts.
    FOR place IN
        SELECT v.ordinality FROM unnest(verdicts) WITH ORDINALITY AS v WHERE v.result = 'captured' AND NOT v.is_new
        ORDER BY v.ordinality
    LOOP
        verdicts[place].result := lever.store_part(batch[place]);
    END LOOP;
    PERFORM lever.log_delivery(batch, verdicts);
    PERFORM set_config('lever.companies', '', true);
    RETURN ARRAY(SELECT v.result FROM unnest(verdicts) WITH ORDINALITY AS v ORDER BY v.ordinality);
END
$$;

-- Takes the row locks of the batch's candidates until the transaction ends, so that none is erased meanwhile; waits for
-- an erasure that is under way. What follows is another statement and sees what it did. In one order, since others do
-- the same.
CREATE OR REPLACE FUNCTION lever.hold_candidates(batch lever.incoming[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM lever.candidate AS c
    JOIN (
        SELECT t.company_id, t.candidate_id FROM unnest(batch) AS e
        JOIN lever.thread AS t ON t.company_id = e.company_id AND t.thread_id = e.thread_id
        WHERE e.outcome = 'captured' OR e.message_id_index IS NOT NULL
        UNION
        SELECT e.company_id, e.external_candidate FROM unnest(batch) AS e WHERE e.external_candidate IS NOT NULL
        ORDER BY 1, 2) AS held ON c.company_id = held.company_id AND c.candidate_id = held.candidate_id
    FOR KEY SHARE OF c;
END
$$;

-- Opens the threads that another system started, in companies that take those.
CREATE OR REPLACE FUNCTION lever.open_external_threads(batch lever.incoming[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO lever.thread (company_id, thread_id, candidate_id, is_external)
    SELECT DISTINCT ON (e.company_id, e.thread_id) e.company_id, e.thread_id, e.external_candidate, true
    FROM unnest(batch) AS e
    JOIN lever.company AS c ON c.company_id = e.company_id AND c.unsigned_markers = 'known'
    JOIN lever.candidate AS d ON d.company_id = e.company_id AND d.candidate_id = e.external_candidate
        AND d.anonymized_at IS NULL
    ORDER BY e.company_id, e.thread_id
    ON CONFLICT DO NOTHING;
END
$$;

-- The first verdict: by thread, candidate and age, and as if no message was here yet. The candidates are held, so no
-- thread is erased from here on.
CREATE OR REPLACE FUNCTION lever.decide_incoming(batch lever.incoming[]) RETURNS lever.verdict[]
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (
        SELECT coalesce(array_agg(
            ROW(d.result, d.is_message, d.candidate_id, d.is_message AND d.result = 'captured')::lever.verdict
            ORDER BY d.ordinality), '{}')
        FROM (
            SELECT e.ordinality, e.is_message, t.candidate_id, CASE
                WHEN NOT e.is_message THEN e.outcome
                WHEN t.candidate_id IS NULL AND e.external_candidate IS NULL THEN 'unknown_thread'
                WHEN t.candidate_id IS NULL THEN CASE WHEN EXISTS (
                    SELECT FROM lever.candidate AS x WHERE x.company_id = e.company_id
                        AND x.candidate_id = e.external_candidate AND x.anonymized_at IS NOT NULL)
                    THEN 'erased' ELSE 'unknown_thread' END
                WHEN t.is_erased OR e.accepted_at < now() - make_interval(days => c.retention_days) THEN 'erased'
                WHEN e.is_message AND EXISTS (
                    SELECT FROM lever.withdrawn_thread AS w WHERE w.company_id = e.company_id
                        AND w.thread_id = e.thread_id AND w.withdrawn_at <= e.accepted_at) THEN 'withdrawn_marker'
                -- Whoever has got hold of a marker cannot keep it alive: the company's own messages alone do.
                WHEN t.created_at < e.accepted_at - make_interval(days => c.marker_days) AND NOT EXISTS (
                    SELECT FROM lever.message AS m
                    WHERE m.company_id = e.company_id AND m.thread_id = e.thread_id AND m.direction <> 'inbound'
                        AND m.accepted_at >= e.accepted_at - make_interval(days => c.marker_days)
                        AND m.accepted_at <= e.accepted_at) THEN 'expired_marker'
                ELSE 'captured' END AS result
            FROM (
                SELECT u.company_id, u.thread_id, u.outcome, u.accepted_at, u.external_candidate, u.ordinality,
                    coalesce(u.outcome = 'captured' AND u.head IS NOT NULL, false) AS is_message
                FROM unnest(batch) WITH ORDINALITY AS u) AS e
            LEFT JOIN LATERAL (
                SELECT t.candidate_id, t.erased_at IS NOT NULL AS is_erased, t.created_at FROM lever.thread AS t
                WHERE e.is_message AND t.company_id = e.company_id AND t.thread_id = e.thread_id) AS t ON true
            LEFT JOIN lever.company AS c ON c.company_id = e.company_id) AS d);
END
$$;

-- Claims the dedupe keys of what is new, and corrects the verdict of messages whose keys are taken. Of two hosts that
-- race with the same mail, one waits here for the other's commit; all take keys in the same order.
CREATE OR REPLACE FUNCTION lever.claim_dedupe(batch lever.incoming[], verdicts lever.verdict[]) RETURNS lever.verdict[]
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    expected bigint;
    claimed bigint;
BEGIN
    WITH keys AS MATERIALIZED (
        SELECT e.company_id, unnest(e.dedupe_keys) AS key, e.entry_id, e.ordinality
        FROM unnest(batch, verdicts) WITH ORDINALITY AS e WHERE e.is_new),
    written AS (
        INSERT INTO lever.message_dedupe (company_id, dedupe_key, entry_id)
        SELECT k.company_id, k.key, k.entry_id FROM keys AS k ORDER BY k.company_id, k.key, k.ordinality
        ON CONFLICT DO NOTHING RETURNING 1)
    SELECT (SELECT count(*) FROM keys), (SELECT count(*) FROM written) INTO expected, claimed;
    IF claimed = expected THEN
        RETURN verdicts;
    END IF;
    -- Some mails are here already, under another entry or their own.
    RETURN (
        SELECT array_agg(ROW(
            CASE WHEN e.is_duplicate THEN 'duplicate' ELSE e.result END, e.is_message, e.candidate,
            e.is_new AND NOT e.is_duplicate AND e.repetition = 1 AND NOT EXISTS (
                SELECT FROM lever.message AS m WHERE m.company_id = e.company_id AND m.entry_id = e.entry_id
                    AND m.dedupe_key = e.first_key))::lever.verdict ORDER BY e.ordinality)
        FROM (
            SELECT u.company_id, u.entry_id, u.dedupe_keys[1] AS first_key, u.result, u.is_message, u.candidate,
                u.is_new, u.ordinality,
                u.is_new AND EXISTS (
                    SELECT FROM unnest(u.dedupe_keys) AS key
                    JOIN lever.message_dedupe AS d ON d.company_id = u.company_id AND d.dedupe_key = key
                    WHERE d.entry_id <> u.entry_id) AS is_duplicate,
                row_number() OVER (
                    PARTITION BY u.company_id, u.entry_id, u.is_new, u.dedupe_keys[1]
                    ORDER BY u.ordinality) AS repetition
            FROM unnest(batch, verdicts) WITH ORDINALITY AS u) AS e);
END
$$;

-- Stores the messages that are new, with the parts that came with them.
CREATE OR REPLACE FUNCTION lever.store_new(batch lever.incoming[], verdicts lever.verdict[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    expected bigint;
    written bigint;
BEGIN
    INSERT INTO lever.message (
        company_id, entry_id, candidate_id, thread_id, direction, accepted_at, size, tail_size, host, queue_id,
        dedupe_key, key_ids, sender_index, recipient_indices, message_id_index, index_version, host_key_id, signature,
        authentication, labels, copy_index
    )
    SELECT e.company_id, e.entry_id, e.candidate, e.thread_id, e.direction, e.accepted_at, e.size, e.tail_size, e.host,
        e.queue_id, e.dedupe_keys[1], e.key_ids, e.sender_index, e.recipient_indices, e.message_id_index,
        e.index_version, e.host_key_id, e.signature, coalesce(e.authentication, 'none'),
        lever.all_labels(e.labels, e.direction, lever.names_candidate(e.correspondents, c.index_version, c.email_index)),
        e.copy_index
    FROM unnest(batch, verdicts) AS e
    LEFT JOIN lever.candidate AS c ON c.company_id = e.company_id AND c.candidate_id = e.candidate
    WHERE e.is_new;
    GET DIAGNOSTICS expected = ROW_COUNT;

    INSERT INTO lever.message_key (company_id, entry_id, head)
    SELECT e.company_id, e.entry_id, e.head FROM unnest(batch, verdicts) AS e WHERE e.is_new;

    INSERT INTO lever.message_part (company_id, entry_id, part, bytes)
    SELECT e.company_id, e.entry_id, e.part, e.bytes FROM unnest(batch, verdicts) AS e
    WHERE e.is_new AND octet_length(e.bytes) = least(1048576, e.tail_size - e.part * 1048576::bigint);
    GET DIAGNOSTICS written = ROW_COUNT;
    IF written <> expected THEN
        RAISE 'a part does not fit its message' USING ERRCODE = 'LV001';
    END IF;

    PERFORM lever.claim_ids(ARRAY(
        SELECT ROW(e.company_id, id_index, e.thread_id, e.entry_id)::lever.id_claim
        FROM unnest(batch, verdicts) WITH ORDINALITY AS e, unnest(e.learned_ids) AS id_index
        WHERE e.is_new
        ORDER BY e.ordinality));
END
$$;

-- Learns ids. The first claim to an id stays, whatever comes later; a claim for another thread makes it contested, and
-- hosts hear of it. Claims are in the order of the messages; rows are locked in the order of the key.
CREATE OR REPLACE FUNCTION lever.claim_ids(claims lever.id_claim[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF cardinality(claims) = 0 THEN
        RETURN;
    END IF;
    INSERT INTO lever.learned_id AS l (company_id, id_index, thread_id, entry_id, is_contested)
    SELECT c.company_id, c.id_index, (array_agg(c.thread_id ORDER BY c.ordinality))[1],
        (array_agg(c.entry_id ORDER BY c.ordinality))[1], min(c.thread_id) <> max(c.thread_id)
    FROM unnest(claims) WITH ORDINALITY AS c
    GROUP BY c.company_id, c.id_index
    ORDER BY c.company_id, c.id_index
    ON CONFLICT (company_id, id_index) DO UPDATE
    SET is_contested = true, change = (pg_current_xact_id()::text)::bigint
    WHERE NOT l.is_contested AND (l.thread_id <> EXCLUDED.thread_id OR EXCLUDED.is_contested);
END
$$;

-- Adds to the stored entry what another copy of its mail brings.
CREATE OR REPLACE FUNCTION lever.merge_duplicate(copy lever.incoming) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    stored uuid;
BEGIN
    SELECT d.entry_id INTO stored
    FROM unnest(copy.dedupe_keys) AS key
    JOIN lever.message_dedupe AS d ON d.company_id = copy.company_id AND d.dedupe_key = key
    WHERE d.entry_id <> copy.entry_id
    LIMIT 1;
    PERFORM FROM lever.message AS m WHERE m.company_id = copy.company_id AND m.entry_id = stored FOR KEY SHARE;
    IF NOT FOUND THEN
        -- It was deleted at this moment. Sent again, the mail is a new one.
        RAISE 'a message was deleted while another copy of it came' USING ERRCODE = 'serialization_failure';
    END IF;
    -- The mail is known by each of these keys from now on.
    UPDATE lever.message_dedupe AS d SET entry_id = stored
    FROM unnest(copy.dedupe_keys) AS key
    WHERE d.company_id = copy.company_id AND d.dedupe_key = key AND d.entry_id = copy.entry_id;
    PERFORM lever.raise_authentication(copy, stored);
    -- A server may split a mail by its recipients: colleagues get one copy, the candidate another. The entry is
    -- outbound if one of them is, and all recipients take part.
    IF copy.direction = 'outbound' THEN
        UPDATE lever.message AS m SET direction = 'outbound', labels = CASE
            WHEN lever.names_candidate(copy.correspondents, c.index_version, c.email_index)
                THEN array_remove(m.labels, 'forward')
            WHEN m.direction = 'internal' THEN m.labels || '{forward}'
            ELSE m.labels END
        FROM lever.candidate AS c
        WHERE m.company_id = copy.company_id AND m.entry_id = stored AND m.removed_at IS NULL
            AND c.company_id = m.company_id AND c.candidate_id = m.candidate_id
            AND (m.direction = 'internal' OR m.direction = 'outbound' AND 'forward' = ANY (m.labels));
    END IF;
    -- A server may have given it another Message-ID on the way.
    PERFORM lever.claim_ids(ARRAY(
        SELECT ROW(m.company_id, id_index, m.thread_id, m.entry_id)::lever.id_claim
        FROM lever.message AS m, unnest(copy.learned_ids) AS id_index
        WHERE m.company_id = copy.company_id AND m.entry_id = stored AND m.removed_at IS NULL
            AND m.thread_id = copy.thread_id));
    UPDATE lever.message AS m SET recipient_indices = (
        SELECT array_agg(DISTINCT index) FROM unnest(m.recipient_indices || copy.recipient_indices) AS index)
    WHERE m.company_id = copy.company_id AND m.entry_id = stored
        AND m.index_version = copy.index_version AND m.removed_at IS NULL
        -- EXCEPT hashes; `@>` would compare each with each and not be interrupted. No daemon sends more than a thousand
        -- at a time.
        AND cardinality(m.recipient_indices) < 10000 AND EXISTS (
            SELECT unnest(copy.recipient_indices) EXCEPT SELECT unnest(m.recipient_indices));
END
$$;

-- A copy with a better verdict on the author (fail < none < pass) raises the stored entry's, and takes away the labels
-- that doubt the author and that it has not. A worse one changes nothing.
CREATE OR REPLACE FUNCTION lever.raise_authentication(copy lever.incoming, stored uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ranks CONSTANT text[] := '{fail,none,pass}';
    verdict CONSTANT text := coalesce(copy.authentication, 'none');
BEGIN
    UPDATE lever.message AS m SET authentication = verdict, direction = d.direction, labels = ARRAY(
            SELECT label FROM unnest(m.labels) AS label
            WHERE (label <> 'spoofed_sender' OR d.is_spoofed)
                AND (label <> 'unknown_sender' OR d.direction = 'inbound' AND NOT d.names_candidate))
        || CASE WHEN m.direction = 'inbound' AND d.direction = 'outbound' AND NOT d.names_candidate
            THEN '{forward}'::text[] ELSE '{}' END
    FROM (
        SELECT o.entry_id, n.names_candidate, n.is_spoofed, CASE
            WHEN 'spoofed_sender' = ANY (o.labels) AND NOT n.is_spoofed THEN copy.direction
            ELSE o.direction END AS direction
        FROM lever.message AS o
        JOIN lever.candidate AS c ON c.company_id = o.company_id AND c.candidate_id = o.candidate_id
        CROSS JOIN LATERAL (
            SELECT lever.names_candidate(copy.correspondents, c.index_version, c.email_index) AS names_candidate,
                coalesce('spoofed_sender' = ANY (copy.labels), false) AS is_spoofed) AS n
        WHERE o.company_id = copy.company_id AND o.entry_id = stored) AS d
    WHERE m.company_id = copy.company_id AND m.entry_id = d.entry_id AND m.removed_at IS NULL
        AND NOT 'sent' = ANY (m.labels)
        AND array_position(ranks, verdict) > array_position(ranks, m.authentication);
END
$$;

-- Stores a part of a message that came before, and returns its outcome.
CREATE OR REPLACE FUNCTION lever.store_part(piece lever.incoming) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    expected_length bigint;
    is_removed boolean;
BEGIN
    SELECT least(1048576, m.tail_size - piece.part * 1048576::bigint), m.removed_at IS NOT NULL
    INTO expected_length, is_removed
    FROM lever.message AS m
    WHERE m.company_id = piece.company_id AND m.entry_id = piece.entry_id
    FOR KEY SHARE; -- A removal at the same time ends before its parts could come back.
    IF is_removed THEN
        RETURN 'erased';
    ELSIF octet_length(piece.bytes) IS DISTINCT FROM expected_length THEN
        RAISE 'a part does not fit its message' USING ERRCODE = 'LV001';
    END IF;
    INSERT INTO lever.message_part (company_id, entry_id, part, bytes)
    VALUES (piece.company_id, piece.entry_id, piece.part, piece.bytes)
    ON CONFLICT DO NOTHING;
    RETURN 'captured';
END
$$;

-- Writes the delivery log's rows of messages and records.
CREATE OR REPLACE FUNCTION lever.log_delivery(batch lever.incoming[], verdicts lever.verdict[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    expected bigint;
    written bigint;
BEGIN
    INSERT INTO lever.delivery (
        company_id, entry_id, thread_id, direction, outcome, size, host, queue_id, accepted_at, spooled_at, matched,
        message_id_index, index_version, is_stray, stored_as
    )
    SELECT e.company_id, e.entry_id, e.thread_id, e.direction, e.result, e.size, e.host, e.queue_id, e.accepted_at,
        e.spooled_at, e.matched,
        -- Nothing is kept that identifies what was erased.
        CASE WHEN NOT e.is_erased THEN e.message_id_index END,
        CASE WHEN NOT e.is_erased AND e.message_id_index IS NOT NULL THEN e.index_version END,
        c.company_id IS NULL,
        -- By this a host learns that its copy of a message is erased.
        CASE WHEN e.result = 'duplicate' THEN (
            SELECT d.entry_id FROM unnest(e.dedupe_keys) AS key
            JOIN lever.message_dedupe AS d ON d.company_id = e.company_id AND d.dedupe_key = key
            WHERE d.entry_id <> e.entry_id LIMIT 1) END
    FROM (
        SELECT u.*, u.result = 'erased' OR u.message_id_index IS NOT NULL AND NOT u.is_message AND EXISTS (
            SELECT FROM lever.thread AS t
            WHERE t.company_id = u.company_id AND t.thread_id = u.thread_id AND t.erased_at IS NOT NULL) AS is_erased
        FROM unnest(batch, verdicts) AS u) AS e
    LEFT JOIN lever.company AS c ON c.company_id = e.company_id
    WHERE e.result IS DISTINCT FROM 'captured' OR e.is_message
    ON CONFLICT (company_id, entry_id) DO NOTHING;
    GET DIAGNOSTICS written = ROW_COUNT;

    SELECT count(*) FILTER (WHERE v.result IS DISTINCT FROM 'captured' OR v.is_message) INTO expected
    FROM unnest(verdicts) AS v;
    IF written < expected THEN
        -- A message that was refused, kept in quarantine, and sent again once what it lacked was there.
        UPDATE lever.delivery AS d SET outcome = e.result, stored_at = clock_timestamp()
        FROM unnest(batch, verdicts) AS e
        WHERE e.is_message AND d.company_id = e.company_id AND d.entry_id = e.entry_id
            AND d.outcome IN ('unknown_thread', 'ingest_rejected') AND d.outcome <> e.result;
    END IF;
END
$$;

-- Whether the candidate is among the correspondents: a version and 16 bytes each.
CREATE OR REPLACE FUNCTION lever.names_candidate(
    correspondents bytea[], index_version smallint, email_index bytea
) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
    RETURN coalesce(substring(int2send(index_version) FROM 2) || email_index = ANY (correspondents), false);
END
$$;

-- What the mail host noticed about a message, and what only the database can tell.
CREATE OR REPLACE FUNCTION lever.all_labels(labels text[], direction text, names_candidate boolean) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
    RETURN coalesce(labels, '{}') || CASE
        WHEN labels IS NULL OR names_candidate THEN '{}'::text[]
        WHEN direction = 'inbound' THEN '{unknown_sender}'
        WHEN direction = 'outbound' THEN '{forward}'
        ELSE '{}' END;
END
$$;

-- A message of one part comes with it in one call; of longer ones, the transaction must bring every part. A deferred
-- trigger runs as the session's role, hence SECURITY DEFINER.
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
CREATE CONSTRAINT TRIGGER require_every_part AFTER INSERT ON lever.message
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.tail_size > 1048576)
    EXECUTE FUNCTION lever.require_every_part();
