-- The whole conversation: what is known of a message besides its content, ids by which replies without a marker are
-- recognised, threads of outside systems, and what mail hosts must know of these.

SET LOCAL ROLE lever_owner;

ALTER TABLE lever.company
    -- The company's outgoing mail gets the marker of X-Lever-Thread into References.
    ADD COLUMN stamp boolean NOT NULL DEFAULT false,
    -- What becomes of markers without a signature of ours; `known`: taken if the correspondent is a candidate.
    ADD COLUMN unsigned_markers text NOT NULL DEFAULT 'refuse' CHECK (unsigned_markers IN ('refuse', 'known'));

-- An outside system started it.
ALTER TABLE lever.thread ADD COLUMN is_outside boolean NOT NULL DEFAULT false;

ALTER TABLE lever.message
    -- What hosts that the mail host trusts say of the sender.
    ADD COLUMN authentication text NOT NULL DEFAULT 'none' CHECK (authentication IN ('pass', 'fail', 'none')),
    ADD COLUMN labels text[] NOT NULL DEFAULT '{}' CHECK (labels <@ ARRAY[
        'auto_reply', 'bounce', 'list', 'unknown_sender', 'forward', 'spoofed_sender', 'learned_id', 'unsigned_marker',
        'sent']);
GRANT SELECT (authentication, labels) ON lever.message TO lever_reader;

ALTER TABLE lever.delivery
    DROP CONSTRAINT delivery_outcome_check,
    ADD CONSTRAINT delivery_outcome_check CHECK (outcome IN (
        'captured', 'duplicate', 'bad_signature', 'unknown_key', 'unknown_thread', 'not_participant', 'not_limited',
        'observe_only', 'too_large', 'spool_failed', 'ingest_rejected', 'never_log', 'erased', 'forwarded',
        'already_forwarded', 'forward_failed', 'unsigned_marker')),
    DROP CONSTRAINT delivery_matched_check,
    ADD CONSTRAINT delivery_matched_check CHECK (matched IN (
        'in_reply_to', 'references', 'x_lever_thread', 'message_id', 'x_microsoft_original_message_id',
        'x_google_original_message_id'));

-- Two more facts: `stamp`, where the company stamps; `unsigned_markers`, the policy, where it does not refuse them.
CREATE OR REPLACE VIEW lever.routing (company_id, item, name, version, value) AS
    SELECT company_id, 'company', sync, 0::smallint, ''::bytea FROM lever.company
    UNION ALL
    SELECT company_id, 'domain', domain, 0::smallint, ''::bytea FROM lever.company_domain
    UNION ALL
    SELECT company_id, 'sealing_key', '', 0::smallint, public_key FROM lever.sealing_key
    WHERE state IN ('distributed', 'primary')
    UNION ALL
    SELECT company_id, 'marker_key', '', version, secret FROM lever.company_secret
    WHERE kind = 'marker' AND state NOT IN ('retired', 'destroyed')
    UNION ALL
    SELECT company_id, CASE state WHEN 'primary' THEN 'index_key' ELSE 'further_index_key' END, '', version, secret
    FROM lever.company_secret WHERE kind = 'index' AND state NOT IN ('retired', 'destroyed')
    UNION ALL
    SELECT company_id, 'never_domain', domain, 0::smallint, ''::bytea FROM lever.never_log WHERE domain IS NOT NULL
    UNION ALL
    SELECT n.company_id, 'never_address', '', i.index_version, i.email_index FROM lever.never_log AS n
    JOIN lever.address_index AS i ON i.company_id = n.company_id AND i.entry_id = n.address_id
    UNION ALL
    SELECT company_id, 'capture', capture, 0::smallint, ''::bytea FROM lever.company WHERE capture <> 'store'
    UNION ALL
    SELECT company_id, 'forward', forward_to, 0::smallint, ''::bytea FROM lever.company
    WHERE capture IN ('forward', 'store+forward')
    UNION ALL
    SELECT company_id, 'stamp', '', 0::smallint, ''::bytea FROM lever.company WHERE stamp
    UNION ALL
    SELECT company_id, 'unsigned_markers', unsigned_markers, 0::smallint, ''::bytea FROM lever.company
    WHERE unsigned_markers <> 'refuse';

-- The transaction at hand, as a number that later ones exceed.
CREATE FUNCTION lever.this_change() RETURNS bigint
LANGUAGE sql STABLE
RETURN (pg_current_xact_id()::text)::bigint;

-- Ids of messages, by which a reply without a marker is known to belong to a thread: keyed hashes, of messages from outside
-- with the sender's in it. They go with their message.
CREATE TABLE lever.learned_id (
    company_id bigint NOT NULL,
    id_index bytea NOT NULL CHECK (octet_length(id_index) = 16),
    thread_id bigint NOT NULL,
    entry_id uuid NOT NULL,
    -- The transaction that wrote the row.
    change bigint NOT NULL DEFAULT lever.this_change(),
    PRIMARY KEY (company_id, id_index)
);
CREATE INDEX learned_id_by_entry ON lever.learned_id (company_id, entry_id);
CREATE INDEX learned_id_by_change ON lever.learned_id (change);
ALTER TABLE lever.learned_id ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_every_company ON lever.learned_id TO lever_owner USING (true);

-- What is here already is learned by its Message-ID and, from outside, its envelope sender.
CREATE FUNCTION lever.exclusive_or(one bytea, other bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT
AS $$
BEGIN
    FOR place IN 0..octet_length(one) - 1 LOOP
        one := set_byte(one, place, get_byte(one, place) # get_byte(other, place));
    END LOOP;
    RETURN one;
END
$$;
ALTER TABLE lever.message NO FORCE ROW LEVEL SECURITY;
INSERT INTO lever.learned_id (company_id, id_index, thread_id, entry_id)
SELECT k.company_id, k.id_index, k.thread_id, k.entry_id FROM (
    SELECT m.company_id, m.thread_id, m.entry_id, m.accepted_at, CASE m.direction
        WHEN 'inbound' THEN lever.exclusive_or(m.message_id_index, m.sender_index) ELSE m.message_id_index END AS id_index
    FROM lever.message AS m WHERE m.removed_at IS NULL) AS k
WHERE k.id_index IS NOT NULL
ORDER BY k.accepted_at, k.entry_id
ON CONFLICT DO NOTHING;
ALTER TABLE lever.message FORCE ROW LEVEL SECURITY;
DROP FUNCTION lever.exclusive_or;

ALTER TABLE lever.candidate ADD COLUMN change bigint NOT NULL DEFAULT lever.this_change();
CREATE INDEX candidate_by_change ON lever.candidate (change);
CREATE POLICY owner_batch ON lever.candidate TO lever_owner
    USING (company_id = ANY ((SELECT lever.batch_companies())::bigint[]));

CREATE FUNCTION lever.note_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.change := lever.this_change();
    RETURN NEW;
END
$$;
CREATE TRIGGER note_change BEFORE UPDATE OF email_index ON lever.candidate
    FOR EACH ROW EXECUTE FUNCTION lever.note_change();

-- Whether the candidate is among the correspondents, which are packed: a version and 16 bytes each.
CREATE FUNCTION lever.names_candidate(correspondents bytea, index_version smallint, email_index bytea) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    wanted CONSTANT bytea := substring(int2send(index_version) FROM 2) || email_index;
BEGIN
    RETURN coalesce(CASE WHEN octet_length(correspondents) = 17 THEN correspondents = wanted
        ELSE wanted = ANY (lever.split(correspondents, 17)) END, false);
END
$$;

-- What the mail host says of a message, and what only the database can tell.
CREATE FUNCTION lever.all_labels(labels text, direction text, names_candidate boolean) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
    RETURN coalesce(string_to_array(nullif(labels, ''), ','), '{}') || CASE
        WHEN labels IS NULL OR names_candidate THEN '{}'::text[]
        WHEN direction = 'inbound' THEN '{unknown_sender}'
        WHEN direction = 'outbound' THEN '{forward}'
        ELSE '{}' END;
END
$$;

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
    DELETE FROM lever.learned_id WHERE company_id = company AND entry_id = entry;
    UPDATE lever.message SET removed_at = coalesce(removed_at, now()), sender_index = NULL, recipient_indices = '{}',
        message_id_index = NULL, signature = NULL, host_key_id = NULL
    WHERE company_id = company AND entry_id = entry
$$;

-- What mail hosts remember of companies on limited sync: ids with their threads, and where unsigned markers are taken, the
-- addresses of candidates. Packed, 16 bytes each: the first 8 of the index, and the thread or the candidate.
--
-- A host reads everything once, page by page, and then what changed since. `horizon`: changes from that number on may not
-- have been seen; it is given to the next call. Read before the first page.
CREATE FUNCTION lever.memory_horizon() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint $$;

-- A page of learned ids after that one, at most so many; the last ones are null where it is empty.
CREATE FUNCTION lever.learned_ids(
    after_company bigint, after_index bytea, at_most integer, OUT packed bytea, OUT last_company bigint, OUT last_index bytea
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    WITH page AS MATERIALIZED (
        SELECT l.company_id, l.id_index, l.thread_id FROM lever.learned_id AS l
        WHERE (l.company_id, l.id_index) > (after_company, after_index)
        ORDER BY l.company_id, l.id_index LIMIT at_most),
    newest AS (SELECT p.company_id, p.id_index FROM page AS p ORDER BY p.company_id DESC, p.id_index DESC LIMIT 1)
    SELECT (SELECT string_agg(substring(p.id_index FOR 8) || int8send(p.thread_id), ''::bytea)
            FROM page AS p JOIN lever.company AS c ON c.company_id = p.company_id AND c.sync = 'limited'),
        (SELECT company_id FROM newest), (SELECT id_index FROM newest)
$$;

-- The same of candidates.
CREATE FUNCTION lever.known_candidates(
    after_company bigint, after_candidate bigint, at_most integer,
    OUT packed bytea, OUT last_company bigint, OUT last_candidate bigint
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('lever.companies', (
        SELECT coalesce(array_agg(c.company_id), '{}') FROM lever.company AS c
        WHERE c.sync = 'limited' AND c.unsigned_markers = 'known')::text, true);
    WITH page AS MATERIALIZED (
        SELECT d.company_id, d.candidate_id, d.email_index FROM lever.candidate AS d
        WHERE (d.company_id, d.candidate_id) > (after_company, after_candidate) AND d.anonymized_at IS NULL
            AND d.company_id = ANY (lever.batch_companies())
        ORDER BY d.company_id, d.candidate_id LIMIT at_most),
    newest AS (SELECT p.company_id, p.candidate_id FROM page AS p ORDER BY p.company_id DESC, p.candidate_id DESC LIMIT 1)
    SELECT (SELECT string_agg(substring(p.email_index FOR 8) || int8send(p.candidate_id), ''::bytea) FROM page AS p),
        (SELECT n.company_id FROM newest AS n), (SELECT n.candidate_id FROM newest AS n)
    INTO packed, last_company, last_candidate;
    PERFORM set_config('lever.companies', '', true);
END
$$;

-- What came since a horizon. `is_whole` is false where it is more than so many of either: everything is to be read again.
CREATE FUNCTION lever.memory_since(
    since bigint, at_most integer, OUT threads bytea, OUT candidates bytea, OUT is_whole boolean
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- Rows of a restored database may have numbers that are yet to come.
    upper CONSTANT bigint := (pg_snapshot_xmax(pg_current_snapshot())::text)::bigint;
    found bigint;
    more bigint;
BEGIN
    SELECT string_agg(substring(p.id_index FOR 8) || int8send(p.thread_id), ''::bytea), count(*) INTO threads, found
    FROM (
        SELECT l.id_index, l.thread_id FROM lever.learned_id AS l
        JOIN lever.company AS c ON c.company_id = l.company_id AND c.sync = 'limited'
        WHERE l.change >= since AND l.change < upper LIMIT at_most + 1) AS p;
    PERFORM set_config('lever.companies', (
        SELECT coalesce(array_agg(c.company_id), '{}') FROM lever.company AS c
        WHERE c.sync = 'limited' AND c.unsigned_markers = 'known')::text, true);
    SELECT string_agg(substring(p.email_index FOR 8) || int8send(p.candidate_id), ''::bytea), count(*)
    INTO candidates, more
    FROM (
        SELECT d.email_index, d.candidate_id FROM lever.candidate AS d
        WHERE d.change >= since AND d.change < upper AND d.anonymized_at IS NULL
            AND d.company_id = ANY (lever.batch_companies()) LIMIT at_most + 1) AS p;
    PERFORM set_config('lever.companies', '', true);
    is_whole := greatest(found, more) <= at_most;
END
$$;
GRANT EXECUTE ON FUNCTION lever.memory_horizon, lever.learned_ids, lever.known_candidates, lever.memory_since
    TO lever_ingest;

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
-- correspondents are packed too: a version and 16 bytes each; learned: 16 bytes each. A message with a candidate id opens
-- the thread that an outside system started, if the company takes those.
-- Error state LV001: the parts do not fit the message. It is as final as the violation of a constraint.
--
-- Plans are kept, and go by the keys whatever the tables held when they were made: what suits an empty table would read
-- all of a full one.
CREATE FUNCTION lever.ingest(
    company_ids bigint[], entry_ids uuid[], thread_ids bigint[], directions text[], outcomes text[],
    accepted_ats timestamptz[], sizes bigint[], hosts text[], queue_ids text[],
    dedupe_keys bytea[], key_ids bytea[], sender_indices bytea[], recipient_indices bytea[],
    message_id_indices bytea[], index_versions smallint[], host_key_ids bytea[], signatures bytea[],
    heads bytea[], tail_sizes bigint[], part_numbers integer[], parts bytea[], matched text[],
    spooled_ats timestamptz[], authentications text[], labels text[], correspondents bytea[], learned bytea[],
    outside_candidates bigint[]
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

    IF EXISTS (SELECT FROM unnest(outside_candidates) AS candidate WHERE candidate IS NOT NULL) THEN
        INSERT INTO lever.thread (company_id, thread_id, candidate_id, is_outside)
        SELECT DISTINCT ON (e.company_id, e.thread_id) e.company_id, e.thread_id, e.candidate_id, true
        FROM unnest(company_ids, thread_ids, outside_candidates) AS e (company_id, thread_id, candidate_id)
        JOIN lever.company AS c ON c.company_id = e.company_id AND c.unsigned_markers = 'known'
        JOIN lever.candidate AS d ON d.company_id = e.company_id AND d.candidate_id = e.candidate_id
            AND d.anonymized_at IS NULL
        ORDER BY e.company_id, e.thread_id
        ON CONFLICT DO NOTHING;
    END IF;

    SELECT
        array_agg(CASE
            WHEN NOT e.is_message THEN e.outcome
            WHEN t.candidate_id IS NULL AND e.outside_candidate IS NULL THEN 'unknown_thread'
            WHEN t.candidate_id IS NULL THEN CASE WHEN EXISTS (
                SELECT FROM lever.candidate AS d WHERE d.company_id = e.company_id
                    AND d.candidate_id = e.outside_candidate AND d.anonymized_at IS NOT NULL)
                THEN 'erased' ELSE 'unknown_thread' END
            WHEN t.is_erased OR e.accepted_at < now() - make_interval(days => c.retention_days) THEN 'erased'
            ELSE 'captured' END ORDER BY e.position),
        array_agg(e.is_message ORDER BY e.position),
        array_agg(t.candidate_id ORDER BY e.position)
    INTO results, are_messages, candidates
    FROM (
        SELECT u.company_id, u.thread_id, u.outcome, u.accepted_at, u.outside_candidate, u.position,
            coalesce(u.outcome = 'captured' AND u.head IS NOT NULL, false) AS is_message
        FROM unnest(company_ids, thread_ids, outcomes, accepted_ats, heads, outside_candidates) WITH ORDINALITY
            AS u (company_id, thread_id, outcome, accepted_at, head, outside_candidate, position)
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
        dedupe_key, key_ids, sender_index, recipient_indices, message_id_index, index_version, host_key_id, signature,
        authentication, labels
    )
    SELECT e.company_id, e.entry_id, e.candidate_id, e.thread_id, e.direction, e.accepted_at, e.size, e.tail_size,
        e.host, e.queue_id, substring(e.dedupe_keys FOR 32),
        lever.split(e.key_ids, 20), e.sender_index, lever.split(e.recipient_indices, 16), e.message_id_index,
        e.index_version, e.host_key_id, e.signature, coalesce(e.authentication, 'none'),
        lever.all_labels(e.labels, e.direction, lever.names_candidate(e.correspondents, c.index_version, c.email_index))
    FROM unnest(
        company_ids, entry_ids, candidates, thread_ids, directions, accepted_ats, sizes, tail_sizes, hosts, queue_ids,
        dedupe_keys, key_ids, sender_indices, recipient_indices, message_id_indices, index_versions, host_key_ids,
        signatures, authentications, labels, correspondents, are_new
    ) AS e (
        company_id, entry_id, candidate_id, thread_id, direction, accepted_at, size, tail_size, host, queue_id,
        dedupe_keys, key_ids, sender_index, recipient_indices, message_id_index, index_version, host_key_id,
        signature, authentication, labels, correspondents, is_new
    )
    LEFT JOIN lever.candidate AS c ON c.company_id = e.company_id AND c.candidate_id = e.candidate_id
    WHERE e.is_new;
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

    INSERT INTO lever.learned_id (company_id, id_index, thread_id, entry_id)
    SELECT e.company_id, e.id_index, e.thread_id, e.entry_id
    FROM (
        SELECT DISTINCT ON (u.company_id, id_index) u.company_id, id_index, u.thread_id, u.entry_id
        FROM unnest(company_ids, entry_ids, thread_ids, learned, are_new) WITH ORDINALITY
            AS u (company_id, entry_id, thread_id, learned, is_new, position), unnest(lever.split(u.learned, 16)) AS id_index
        WHERE u.is_new
        ORDER BY u.company_id, id_index, u.position
    ) AS e
    ON CONFLICT DO NOTHING;

    IF 'duplicate' = ANY (results) THEN
        FOR element IN
            SELECT e.* FROM unnest(
                company_ids, entry_ids, directions, dedupe_keys, recipient_indices, index_versions, correspondents,
                learned, results, are_messages
            ) WITH ORDINALITY AS e (
                company_id, entry_id, direction, dedupe_keys, recipient_indices, index_version, correspondents, learned,
                result, is_message, position
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
            IF element.direction = 'outbound' THEN
                UPDATE lever.message AS m SET direction = 'outbound', labels = CASE
                    WHEN lever.names_candidate(element.correspondents, c.index_version, c.email_index)
                        THEN array_remove(m.labels, 'forward')
                    WHEN m.direction = 'internal' THEN m.labels || '{forward}'
                    ELSE m.labels END
                FROM lever.candidate AS c
                WHERE m.company_id = element.company_id AND m.entry_id = stored_entry
                    AND c.company_id = m.company_id AND c.candidate_id = m.candidate_id
                    AND (m.direction = 'internal' OR m.direction = 'outbound' AND 'forward' = ANY (m.labels));
            END IF;
            -- A server gave it another Message-ID on the way.
            INSERT INTO lever.learned_id (company_id, id_index, thread_id, entry_id)
            SELECT m.company_id, id_index, m.thread_id, m.entry_id
            FROM lever.message AS m, unnest(lever.split(element.learned, 16)) AS id_index
            WHERE m.company_id = element.company_id AND m.entry_id = stored_entry AND m.removed_at IS NULL
            ORDER BY id_index
            ON CONFLICT DO NOTHING;
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

GRANT EXECUTE ON FUNCTION lever.ingest TO lever_ingest;
