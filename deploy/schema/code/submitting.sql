-- The outbox: messages from just before they are submitted to a server until they are on the timeline. What is stored
-- of them comes from what lever.begin_send fixed (code/sending.sql) and from the sealed bytes.

-- Puts a message that was begun into the outbox before it is submitted; its parts follow in the same transaction.
-- `key_ids` are those of the keys that it is sealed to. Returns the refusal, or NULL.
CREATE OR REPLACE FUNCTION lever.put_outbox(
    company bigint, entry uuid, size bigint, tail_size bigint, key_ids bytea[], head bytea, signature bytea
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    refusal text;
    granted lever.send_grant;
BEGIN
    PERFORM lever.require_read_committed();
    refusal := lever.begin_action(company, 'send', entry);
    IF refusal IS NOT NULL THEN
        RETURN refusal;
    ELSIF (size >= 0 AND tail_size = size + 62 AND octet_length(head) BETWEEN 1 AND 65536
        AND octet_length(signature) BETWEEN 8 AND 80) IS NOT TRUE
    THEN
        -- 62: the binding (44 bytes), and the tag with its length.
        RAISE 'no such message' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    granted := lever.find_grant(company, entry);
    refusal := CASE
        WHEN granted.entry_id IS NULL THEN 'nothing allows this message'
        ELSE coalesce(
            lever.thread_refusal(company, granted.candidate_id, granted.thread_id, granted.answered IS NOT NULL),
            lever.withdrawal_refusal(company, granted.thread_id), lever.use_grant(company, entry),
            lever.space_refusal(company, tail_size),
            lever.sealing_refusal(company, key_ids, head)) END;
    IF refusal IS NULL THEN
        PERFORM lever.store_outgoing(granted, size, tail_size, key_ids, head, signature);
    ELSE
        PERFORM lever.audit_attempt('send', refusal, entry, granted.candidate_id, granted.thread_id, '');
    END IF;
    RETURN refusal;
END
$$;

-- Uses up what allows a message: each is put into the outbox once. Holds all that the user has begun, so that of two
-- messages of a user the second is counted after the first.
CREATE OR REPLACE FUNCTION lever.use_grant(company bigint, entry uuid) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM lever.send_grant AS g WHERE g.company_id = company AND g.login = session_user
    ORDER BY g.entry_id FOR UPDATE;
    DELETE FROM lever.send_grant AS g
    WHERE g.company_id = company AND g.entry_id = entry AND g.login = session_user;
    RETURN CASE WHEN NOT FOUND THEN 'nothing allows this message' END;
END
$$;

-- Why the outbox takes no further message of that size from the session's user: nobody fills the disk with what is
-- never sent. NULL if it does.
CREATE OR REPLACE FUNCTION lever.space_refusal(company bigint, tail_size bigint) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (
        SELECT CASE WHEN count(*) >= 100 OR coalesce(sum(o.tail_size), 0) + space_refusal.tail_size > 2147483648
            THEN 'the outbox has 100 messages or 2 GiB of this user: send or discard some' END
        FROM lever.outbox AS o WHERE o.company_id = company AND o.login = session_user);
END
$$;

-- Why a message is not sealed as it must be: to every key that new messages of the company are sealed to, and to no
-- other. NULL if it is.
CREATE OR REPLACE FUNCTION lever.sealing_refusal(company bigint, key_ids bytea[], head bytea) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    live CONSTANT bytea[] := ARRAY(
        SELECT k.key_id FROM lever.sealing_key AS k
        WHERE k.company_id = company AND k.state IN ('distributed', 'primary') ORDER BY k.key_id);
BEGIN
    RETURN CASE
        WHEN cardinality(live) = 0 OR ARRAY(SELECT k FROM unnest(key_ids) AS k ORDER BY k) <> live
            OR EXISTS (SELECT FROM unnest(live) AS k WHERE position(k IN head) = 0)
        THEN 'it is not sealed to the company''s current keys: send it again' END;
END
$$;

-- Stores a message of the user's in the outbox. Sender, recipient, dedupe keys and indices are the database's own, and
-- so is the time.
CREATE OR REPLACE FUNCTION lever.store_outgoing(
    granted lever.send_grant, size bigint, tail_size bigint, key_ids bytea[], head bytea, signature bytea
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO lever.outbox (
        company_id, entry_id, login, candidate_id, thread_id, is_answer, accepted_at, size, tail_size, dedupe_keys,
        key_ids, sender_index, recipient_indices, message_id_index, index_version, head, signature,
        attempts, tried_at
    )
    SELECT granted.company_id, granted.entry_id, granted.login, granted.candidate_id, granted.thread_id,
        granted.answered IS NOT NULL, granted.accepted_at, size, tail_size, lever.sent_keys(granted), key_ids,
        (SELECT a.email_index FROM lever.app_user AS u
         JOIN lever.address_index AS a ON a.company_id = u.company_id AND a.entry_id = u.address_id
             AND a.index_version = granted.index_version
         WHERE u.company_id = granted.company_id AND u.login = granted.login),
        -- A candidate has one index: after the index key was changed in the last minutes, one of another version.
        ARRAY(
            SELECT c.email_index FROM lever.candidate AS c WHERE c.company_id = granted.company_id
                AND c.candidate_id = granted.candidate_id AND c.index_version = granted.index_version),
        substring(lever.index_code(granted.company_id, granted.index_version,
            'msgid'::bytea || convert_to(lever.marker_of(granted), 'UTF8')) FOR 16),
        granted.index_version, head, signature, 1, clock_timestamp();
END
$$;

-- What a mail host that sees the message recognises it by, if it has the entry token: one key under each live index
-- key, the one of the other indices first.
CREATE OR REPLACE FUNCTION lever.sent_keys(granted lever.send_grant) RETURNS bytea[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN ARRAY(
        SELECT lever.hmac(
            s.secret, 'sent'::bytea || int8send(granted.thread_id) || uuid_send(granted.entry_id))
        FROM lever.company_secret AS s
        WHERE s.company_id = granted.company_id AND s.kind = 'index' AND s.state NOT IN ('retired', 'destroyed')
        ORDER BY s.version <> granted.index_version, s.version);
END
$$;

CREATE OR REPLACE FUNCTION lever.put_outbox_part(company bigint, entry uuid, part integer, bytes bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    expected_length bigint;
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    SELECT least(1048576, o.tail_size - put_outbox_part.part * 1048576::bigint) INTO expected_length
    FROM lever.outbox AS o
    WHERE o.company_id = company AND o.entry_id = entry AND o.login = session_user
        AND lever.product_role() IS NOT NULL;
    IF NOT FOUND THEN
        RAISE 'no such message in the outbox' USING ERRCODE = 'insufficient_privilege';
    ELSIF (part >= 0 AND octet_length(bytes) = expected_length) IS NOT TRUE THEN
        RAISE 'a part does not fit its message' USING ERRCODE = 'LV001';
    END IF;
    INSERT INTO lever.outbox_part (company_id, entry_id, part, bytes)
    VALUES (company, entry, put_outbox_part.part, put_outbox_part.bytes);
END
$$;

-- The transaction that puts a message into the outbox brings every part, and does not take so long that the time of the
-- message is another than that of its content. A deferred trigger runs as the session's role, hence SECURITY DEFINER.
CREATE OR REPLACE FUNCTION lever.require_whole_outgoing() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('lever.company', NEW.company_id::text, true);
    IF NOT EXISTS (SELECT FROM lever.outbox WHERE company_id = NEW.company_id AND entry_id = NEW.entry_id) THEN
        RETURN NULL; -- Discarded again.
    ELSIF NEW.tail_size <> (
        SELECT coalesce(sum(octet_length(bytes)), 0) FROM lever.outbox_part
        WHERE company_id = NEW.company_id AND entry_id = NEW.entry_id)
    THEN
        RAISE 'a message came without all of its parts' USING ERRCODE = 'LV001';
    ELSIF clock_timestamp() > NEW.accepted_at + interval '1 hour' THEN
        RAISE 'a message took more than an hour to reach the outbox' USING ERRCODE = 'LV001';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER require_whole_outgoing AFTER INSERT ON lever.outbox
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION lever.require_whole_outgoing();

-- A message of the session's user in the outbox, held with its candidate and thread until the end of the transaction,
-- and why the user may not send it any more. NULLs if there is none.
CREATE OR REPLACE FUNCTION lever.hold_outgoing(
    company bigint, entry uuid, OUT waiting lever.outbox, OUT refusal text
)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found_row lever.outbox;
BEGIN
    SELECT * INTO found_row FROM lever.outbox AS o
    WHERE o.company_id = company AND o.entry_id = entry AND o.login = session_user;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    refusal := lever.thread_refusal(company, found_row.candidate_id, found_row.thread_id, found_row.is_answer);
    SELECT * INTO found_row FROM lever.outbox AS o
    WHERE o.company_id = company AND o.entry_id = entry AND o.login = session_user FOR UPDATE;
    waiting := found_row;
END
$$;

-- Takes a message of the user's out of the outbox, to be submitted again; lever.take_outbox_head gives out its head.
-- `is_sent`: a mail host has seen it, so it was sent.
CREATE OR REPLACE FUNCTION lever.take_outbox(
    company bigint, entry uuid, OUT refusal text, OUT is_sent boolean, OUT candidate bigint, OUT thread bigint,
    OUT accepted_at timestamptz, OUT tail_size bigint, OUT signature bytea
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    held record;
    waiting lever.outbox;
BEGIN
    PERFORM lever.require_read_committed();
    refusal := lever.begin_action(company, 'send', entry);
    IF refusal IS NOT NULL THEN
        RETURN;
    END IF;
    SELECT * INTO held FROM lever.hold_outgoing(company, entry);
    waiting := held.waiting;
    refusal := CASE
        WHEN waiting.entry_id IS NULL THEN 'no such message of this user in the outbox'
        ELSE coalesce(held.refusal, lever.withdrawal_refusal(company, waiting.thread_id)) END;
    PERFORM lever.audit_attempt('send', refusal, entry, waiting.candidate_id, waiting.thread_id, 'again');
    IF refusal IS NULL THEN
        is_sent := lever.captured_copy(waiting) IS NOT NULL;
        candidate := waiting.candidate_id;
        thread := waiting.thread_id;
        accepted_at := waiting.accepted_at;
        tail_size := waiting.tail_size;
        signature := waiting.signature;
        UPDATE lever.outbox AS o SET attempts = o.attempts + 1, tried_at = clock_timestamp(), error = NULL,
            taken_by = pg_current_xact_id()
        WHERE o.company_id = company AND o.entry_id = entry;
    END IF;
END
$$;

-- The head of a message that its user took a moment ago, in a transaction that is committed: what opens it is given out
-- after the row of the audit.
CREATE OR REPLACE FUNCTION lever.take_outbox_head(company bigint, entry uuid) RETURNS bytea
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    head bytea;
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    SELECT o.head INTO head FROM lever.outbox AS o
    WHERE o.company_id = company AND o.entry_id = entry AND o.login = session_user
        AND lever.product_role() IS NOT NULL AND o.taken_by <> pg_current_xact_id()
        AND o.tried_at > clock_timestamp() - interval '10 minutes';
    IF NOT FOUND THEN
        RAISE 'nothing allows this opening' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN head;
END
$$;

CREATE OR REPLACE FUNCTION lever.take_outbox_part(company bigint, entry uuid, part integer) RETURNS bytea
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    IF lever.product_role() IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN (
        SELECT p.bytes FROM lever.outbox_part AS p
        JOIN lever.outbox AS o ON o.company_id = p.company_id AND o.entry_id = p.entry_id AND o.login = session_user
        WHERE p.company_id = company AND p.entry_id = entry AND p.part = take_outbox_part.part);
END
$$;

-- Records that the message could not be sent. The reason is not the server's words, which may hold addresses.
CREATE OR REPLACE FUNCTION lever.fail_send(company bigint, entry uuid, failure text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    UPDATE lever.outbox AS o SET error = left(regexp_replace(failure, '[[:cntrl:]]', ' ', 'g'), 200)
    WHERE o.company_id = company AND o.entry_id = entry AND o.login = session_user
        AND lever.product_role() IS NOT NULL;
END
$$;

-- The message was sent: puts it on the timeline unless a mail host has brought it there, and takes it out of the
-- outbox. `outcome`: captured; duplicate; or erased if the candidate is anonymous or the message has expired. `stored`:
-- the entry on the timeline. Only what the user may see is told: whether other messages are there is not.
CREATE OR REPLACE FUNCTION lever.finish_send(
    company bigint, entry uuid, OUT refusal text, OUT outcome text, OUT stored uuid
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    held record;
    sent lever.outbox;
BEGIN
    PERFORM lever.require_read_committed();
    refusal := lever.begin_action(company, 'send', entry);
    IF refusal IS NOT NULL THEN
        RETURN;
    END IF;
    SELECT * INTO held FROM lever.hold_outgoing(company, entry);
    sent := held.waiting;
    refusal := held.refusal;
    IF sent.entry_id IS NULL THEN
        -- It was finished already, or went with its candidate.
        refusal := NULL;
        stored := (
            SELECT m.entry_id FROM lever.message AS m WHERE m.company_id = company AND m.entry_id = entry
                AND m.host = 'leverctl' AND lever.sees_thread(m.thread_id));
        outcome := CASE WHEN stored IS NULL THEN 'erased' ELSE 'captured' END;
        RETURN;
    ELSIF refusal = 'the candidate is anonymous'
        OR refusal IS NULL AND lever.has_expired(company, sent.accepted_at)
    THEN
        refusal := NULL;
        outcome := 'erased';
    ELSIF refusal IS NOT NULL THEN
        PERFORM lever.audit_attempt('send', refusal, entry, sent.candidate_id, sent.thread_id, 'finish');
        RETURN;
    ELSE
        stored := lever.store_sent(sent);
        outcome := CASE WHEN stored = entry THEN 'captured' ELSE 'duplicate' END;
    END IF;
    PERFORM lever.log_sent(sent, outcome);
    DELETE FROM lever.outbox AS o WHERE o.company_id = company AND o.entry_id = entry;
END
$$;

CREATE OR REPLACE FUNCTION lever.has_expired(company bigint, accepted_at timestamptz) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN coalesce((
        SELECT has_expired.accepted_at < now() - make_interval(days => c.retention_days) FROM lever.company AS c
        WHERE c.company_id = company), false);
END
$$;

-- The entry of a mail host's copy of a message in the outbox; NULL if there is none.
CREATE OR REPLACE FUNCTION lever.captured_copy(sent lever.outbox) RETURNS uuid
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (
        SELECT m.entry_id FROM lever.message_dedupe AS d
        JOIN lever.message AS m ON m.company_id = d.company_id AND m.entry_id = d.entry_id
        WHERE d.company_id = sent.company_id AND d.dedupe_key = ANY (sent.dedupe_keys) AND d.entry_id <> sent.entry_id
            AND m.thread_id = sent.thread_id AND m.candidate_id = sent.candidate_id
        LIMIT 1);
END
$$;

-- Stores a message that was sent in its own thread, or marks a mail host's copy of it as sent; returns the entry.
-- Learns no id: replies have the marker. Of the message itself only its own keys count, so nothing else in the company
-- decides what happens, or shows in it.
CREATE OR REPLACE FUNCTION lever.store_sent(sent lever.outbox) RETURNS uuid
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    copy uuid;
BEGIN
    -- A mail host that brings the same message at this moment is waited for, or waits here.
    INSERT INTO lever.message_dedupe (company_id, dedupe_key, entry_id)
    SELECT sent.company_id, k, sent.entry_id FROM unnest(sent.dedupe_keys) AS k ORDER BY k ON CONFLICT DO NOTHING;
    copy := lever.captured_copy(sent);
    IF copy IS NOT NULL THEN
        UPDATE lever.message AS m
        SET labels = CASE WHEN 'sent' = ANY (m.labels) THEN m.labels ELSE m.labels || '{sent}' END
        WHERE m.company_id = sent.company_id AND m.entry_id = copy;
        UPDATE lever.message_dedupe AS d SET entry_id = copy
        WHERE d.company_id = sent.company_id AND d.entry_id = sent.entry_id;
        RETURN copy;
    ELSIF EXISTS (
        SELECT FROM unnest(sent.dedupe_keys) AS k
        LEFT JOIN lever.message_dedupe AS d ON d.company_id = sent.company_id AND d.dedupe_key = k
        WHERE d.entry_id IS DISTINCT FROM sent.entry_id)
    THEN
        -- A mail host's copy was deleted at this moment. Finished again, the message is stored.
        RAISE 'a message was deleted while another copy of it came' USING ERRCODE = 'serialization_failure';
    END IF;
    INSERT INTO lever.message (
        company_id, entry_id, candidate_id, thread_id, direction, accepted_at, size, tail_size, host, queue_id,
        dedupe_key, key_ids, sender_index, recipient_indices, message_id_index, index_version, authentication, labels
    ) VALUES (
        sent.company_id, sent.entry_id, sent.candidate_id, sent.thread_id, 'outbound', sent.accepted_at, sent.size,
        sent.tail_size, 'leverctl', 'send', sent.dedupe_keys[1], sent.key_ids, sent.sender_index,
        sent.recipient_indices, sent.message_id_index, sent.index_version, 'none', '{sent}');
    INSERT INTO lever.message_key (company_id, entry_id, head) VALUES (sent.company_id, sent.entry_id, sent.head);
    INSERT INTO lever.message_part (company_id, entry_id, part, bytes)
    SELECT p.company_id, p.entry_id, p.part, p.bytes FROM lever.outbox_part AS p
    WHERE p.company_id = sent.company_id AND p.entry_id = sent.entry_id;
    RETURN sent.entry_id;
END
$$;

-- Writes the delivery log's row of a message that was sent from here.
CREATE OR REPLACE FUNCTION lever.log_sent(sent lever.outbox, outcome text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO lever.delivery (
        company_id, entry_id, thread_id, direction, outcome, size, host, queue_id, accepted_at, matched,
        message_id_index, index_version
    )
    SELECT sent.company_id, sent.entry_id, sent.thread_id, 'outbound', log_sent.outcome, sent.size, 'leverctl', 'send',
        sent.accepted_at, 'message_id',
        -- Nothing is kept that identifies what was erased.
        CASE WHEN log_sent.outcome <> 'erased' THEN sent.message_id_index END,
        CASE WHEN log_sent.outcome <> 'erased' THEN sent.index_version END
    ON CONFLICT (company_id, entry_id) DO NOTHING;
END
$$;

-- Drops a message from the outbox: the user's own, or anybody's for an admin. Returns the refusal, or NULL.
CREATE OR REPLACE FUNCTION lever.discard_outbox(company bigint, entry uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    refusal text := lever.begin_action(company, 'discard', entry);
    candidate bigint;
BEGIN
    IF refusal IS NOT NULL THEN
        RETURN refusal;
    END IF;
    -- Whoever anonymizes the candidate holds the candidate before the message.
    PERFORM FROM lever.candidate AS c JOIN lever.outbox AS o
        ON o.company_id = company AND o.entry_id = entry AND o.candidate_id = c.candidate_id
    WHERE c.company_id = company FOR KEY SHARE OF c;
    DELETE FROM lever.outbox AS o WHERE o.company_id = company AND o.entry_id = entry
        AND (o.login = session_user OR lever.sees_every_thread())
    RETURNING o.candidate_id INTO candidate;
    IF NOT FOUND THEN
        refusal := 'no such message of this user in the outbox';
    END IF;
    PERFORM lever.audit_attempt('discard', refusal, entry, candidate, NULL, '');
    RETURN refusal;
END
$$;
