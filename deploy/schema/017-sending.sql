-- Mail that users send from here: their own accounts, and what is being sent. Everything people wrote, addresses and
-- passwords are in sealed columns (`head`, `tail`, `bytes`) alone.

SET LOCAL ROLE lever_owner;

-- How a user's own account is reached: server, name, and password or token, sealed.
CREATE TABLE lever.mail_account (
    company_id bigint NOT NULL,
    login text NOT NULL,
    entry_id uuid NOT NULL,
    head bytea NOT NULL CHECK (octet_length(head) > 0),
    tail bytea NOT NULL CHECK (octet_length(tail) > 0),
    bound_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, login),
    FOREIGN KEY (company_id, login) REFERENCES lever.app_user ON DELETE CASCADE
);

-- A message from the moment before it is sent until it is on the timeline.
CREATE TABLE lever.outbox (
    company_id bigint NOT NULL,
    entry_id uuid NOT NULL,
    login text NOT NULL,
    candidate_id bigint NOT NULL,
    thread_id bigint NOT NULL,
    direction text NOT NULL CHECK (direction IN ('outbound', 'internal')),
    -- Sealed into the content as well.
    accepted_at timestamptz NOT NULL,
    size bigint NOT NULL CHECK (size >= 0),
    tail_size bigint NOT NULL CHECK (tail_size > size),
    -- What lever.ingest wants.
    dedupe_keys bytea NOT NULL,
    key_ids bytea NOT NULL,
    sender_index bytea NOT NULL CHECK (octet_length(sender_index) = 16),
    recipient_indices bytea NOT NULL,
    message_id_index bytea NOT NULL CHECK (octet_length(message_id_index) = 16),
    index_version smallint NOT NULL CHECK (index_version BETWEEN 1 AND 255),
    correspondents bytea NOT NULL,
    head bytea NOT NULL CHECK (octet_length(head) > 0),
    attempts integer NOT NULL DEFAULT 0,
    tried_at timestamptz,
    -- Why the last attempt failed; null while one is under way, or was cut off.
    error text CHECK (length(error) BETWEEN 1 AND 200),
    PRIMARY KEY (company_id, entry_id),
    FOREIGN KEY (company_id, login) REFERENCES lever.app_user,
    FOREIGN KEY (company_id, candidate_id, thread_id) REFERENCES lever.thread (company_id, candidate_id, thread_id)
        ON UPDATE CASCADE
);

-- As lever.message_part.
CREATE TABLE lever.outbox_part (
    company_id bigint NOT NULL,
    entry_id uuid NOT NULL,
    part integer NOT NULL CHECK (part >= 0),
    bytes bytea NOT NULL CHECK (octet_length(bytes) BETWEEN 1 AND 1048576),
    PRIMARY KEY (company_id, entry_id, part),
    FOREIGN KEY (company_id, entry_id) REFERENCES lever.outbox ON DELETE CASCADE
);
ALTER TABLE lever.outbox_part ALTER COLUMN bytes SET STORAGE EXTERNAL;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['mail_account', 'outbox', 'outbox_part'] LOOP
        EXECUTE format('ALTER TABLE lever.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY owner_one_company ON lever.%I TO lever_owner USING (company_id = lever.named_company())',
            name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['mail_account', 'outbox'] LOOP
        EXECUTE format(
            'CREATE POLICY rekey ON lever.%I TO lever_rekey USING (company_id = (SELECT lever.granted_company()))', name);
    END LOOP;
END
$$;

-- What waits: one's own, and for admins everybody's. The content is given to who wrote it.
CREATE POLICY reader ON lever.outbox FOR SELECT TO lever_reader USING (
    company_id = (SELECT lever.user_company()) AND (login = session_user OR (SELECT lever.sees_every_thread())));
GRANT SELECT (company_id, entry_id, login, candidate_id, thread_id, accepted_at, size, attempts, tried_at, error)
    ON lever.outbox TO lever_reader;

GRANT SELECT (company_id, login, head), UPDATE (head) ON lever.mail_account TO lever_rekey;
GRANT SELECT (company_id, entry_id, head), UPDATE (head, key_ids) ON lever.outbox TO lever_rekey;

-- HMAC-SHA256 (RFC 2104) with a key of 32 bytes.
CREATE FUNCTION lever.hmac(key bytea, message bytea) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    inner_key bytea := decode(repeat('36', 64), 'hex');
    outer_key bytea := decode(repeat('5c', 64), 'hex');
BEGIN
    FOR place IN 0..octet_length(key) - 1 LOOP
        inner_key := set_byte(inner_key, place, get_byte(key, place) # 54);
        outer_key := set_byte(outer_key, place, get_byte(key, place) # 92);
    END LOOP;
    RETURN sha256(outer_key || sha256(inner_key || message));
END
$$;

-- Why the session's user may not send for the named company; null if it may.
CREATE FUNCTION lever.sending_refusal() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    company CONSTANT bigint := lever.named_company();
BEGIN
    RETURN (
        SELECT CASE
            WHEN c.sync = 'off' THEN 'the company has chosen no sync'
            WHEN u.send_granted_at IS NULL THEN 'this user has not opted in'
        END
        FROM lever.app_user AS u JOIN lever.company AS c ON c.company_id = u.company_id
        WHERE u.company_id = company AND u.login = session_user);
END
$$;

-- Keeps how the session's user is reached, in place of what was kept before.
CREATE FUNCTION lever.set_mail_account(company bigint, entry uuid, head bytea, tail bytea, bound_at timestamptz)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    IF lever.product_role() IS NULL THEN
        RETURN lever.refuse_outsider('account', NULL, NULL, NULL);
    END IF;
    INSERT INTO lever.mail_account AS a (company_id, login, entry_id, head, tail, bound_at)
    VALUES (company, session_user, entry, set_mail_account.head, set_mail_account.tail, set_mail_account.bound_at)
    ON CONFLICT (company_id, login) DO UPDATE SET entry_id = excluded.entry_id, head = excluded.head,
        tail = excluded.tail, bound_at = excluded.bound_at;
    PERFORM lever.append_audit('account', true, NULL, NULL, NULL, 'set');
    RETURN NULL;
END
$$;

-- Forgets it. Returns why not, or null.
CREATE FUNCTION lever.remove_mail_account(company bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    refusal text;
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    IF lever.product_role() IS NULL THEN
        RETURN lever.refuse_outsider('account', NULL, NULL, NULL);
    END IF;
    DELETE FROM lever.mail_account AS a WHERE a.company_id = company AND a.login = session_user;
    IF NOT FOUND THEN
        refusal := 'no account';
    END IF;
    PERFORM lever.audit_attempt('account', refusal, NULL, NULL, NULL, 'removed');
    RETURN refusal;
END
$$;

-- The session's own; no row where there is none.
CREATE FUNCTION lever.take_mail_account(company bigint)
RETURNS TABLE (head bytea, tail bytea, entry_id uuid, bound_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    IF lever.product_role() IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY SELECT a.head, a.tail, a.entry_id, a.bound_at FROM lever.mail_account AS a
    WHERE a.company_id = company AND a.login = session_user;
END
$$;

-- Begins a message to a candidate: an answer to a message of the candidate's, or a new thread. The marker is signed for the
-- domain that is given. `refusal` says why not.
CREATE FUNCTION lever.begin_send(
    company bigint, candidate bigint, answered uuid, nonce integer, marker_domain text,
    OUT refusal text, OUT thread bigint, OUT marker_version smallint, OUT mac bytea, OUT index_version smallint
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    message lever.message;
    marker_key bytea;
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    IF lever.product_role() IS NULL THEN
        refusal := lever.refuse_outsider('send', answered, candidate, NULL);
        RETURN;
    END IF;
    refusal := lever.sending_refusal();
    IF refusal IS NULL THEN
        PERFORM FROM lever.candidate AS c
        WHERE c.company_id = company AND c.candidate_id = candidate AND c.anonymized_at IS NULL
            AND (lever.product_role() <> 'limited_team_member' OR EXISTS (
                SELECT FROM lever.thread AS t WHERE t.company_id = company AND t.candidate_id = candidate
                    AND lever.sees_thread(t.thread_id)))
        FOR SHARE;
        IF NOT FOUND THEN
            refusal := 'no such candidate';
        END IF;
    END IF;
    IF refusal IS NULL AND answered IS NOT NULL THEN
        SELECT * INTO message FROM lever.message AS m
        WHERE m.company_id = company AND m.entry_id = answered AND m.candidate_id = candidate;
        IF NOT FOUND OR NOT lever.sees_thread(message.thread_id) THEN
            refusal := 'no such message';
        ELSIF message.removed_at IS NOT NULL THEN
            refusal := 'the message was removed';
        ELSIF message.labels && ARRAY['auto_reply', 'bounce', 'list'] THEN
            refusal := 'a program wrote the message, or it came by a list: those are not answered';
        END IF;
        thread := message.thread_id;
    END IF;
    IF refusal IS NULL THEN
        SELECT s.version, s.secret INTO STRICT marker_version, marker_key FROM lever.company_secret AS s
        WHERE s.company_id = company AND s.kind = 'marker' AND s.state = 'primary';
        SELECT s.version INTO STRICT index_version FROM lever.company_secret AS s
        WHERE s.company_id = company AND s.kind = 'index' AND s.state = 'primary';
        IF thread IS NULL THEN
            -- 63 random bits; a zero would be no thread.
            thread := greatest(1, ('x' || encode(substring(uuid_send(gen_random_uuid()) FROM 13 FOR 4)
                || substring(uuid_send(gen_random_uuid()) FROM 13 FOR 4), 'hex'))::bit(64)::bigint & 9223372036854775807);
            INSERT INTO lever.thread (company_id, thread_id, candidate_id, marker_version)
            VALUES (company, thread, candidate, begin_send.marker_version);
        END IF;
        mac := substring(lever.hmac(marker_key, 'lv1'::bytea || substring(int2send(marker_version) FROM 2)
            || int8send(company) || int8send(thread) || int4send(nonce) || convert_to(lower(marker_domain), 'UTF8')) FOR 16);
    END IF;
    PERFORM lever.audit_attempt('send', refusal, answered, candidate, thread, '');
END
$$;

-- Codes of what a message is found by, under every live index key, the one in use first. Each input begins with its kind:
-- an address, a message id, what makes a mail the same, an entry that is sent, or the entry's token.
CREATE FUNCTION lever.index_codes(company bigint, inputs bytea[])
RETURNS TABLE (version smallint, input integer, code bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    IF lever.product_role() IS NULL OR lever.sending_refusal() IS NOT NULL THEN
        RAISE 'this login may not send' USING ERRCODE = 'insufficient_privilege';
    ELSIF EXISTS (
        SELECT FROM unnest(inputs) AS i (value)
        WHERE NOT coalesce(value LIKE ANY (ARRAY['addr%', 'msgid%', 'dedupe%', 'sent%', 'entry%']::bytea[]), false))
    THEN
        RAISE 'no such kind of code' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN QUERY SELECT s.version, i.position::integer, lever.hmac(s.secret, i.value)
    FROM lever.company_secret AS s, unnest(inputs) WITH ORDINALITY AS i (value, position)
    WHERE s.company_id = company AND s.kind = 'index' AND s.state NOT IN ('retired', 'destroyed')
    ORDER BY s.state <> 'primary', s.version, i.position;
END
$$;

-- The public keys that a message is sealed to.
CREATE FUNCTION lever.sealing_recipients(company bigint) RETURNS SETOF bytea
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    IF lever.product_role() IS NOT NULL THEN
        RETURN QUERY SELECT k.public_key FROM lever.sealing_key AS k
        WHERE k.company_id = company AND k.state IN ('distributed', 'primary') ORDER BY k.created_at, k.key_id;
    END IF;
END
$$;

-- Puts a message into the outbox, in parts as lever.ingest takes them, before it is sent. Returns why not, or null.
CREATE FUNCTION lever.put_outbox(
    company bigint, entry uuid, candidate bigint, thread bigint, direction text, accepted_at timestamptz, size bigint,
    tail_size bigint, dedupe_keys bytea, key_ids bytea, sender_index bytea, recipient_indices bytea,
    message_id_index bytea, index_version smallint, correspondents bytea, head bytea
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    refusal text;
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    IF lever.product_role() IS NULL THEN
        RETURN lever.refuse_outsider('send', entry, candidate, thread);
    END IF;
    refusal := lever.sending_refusal();
    IF refusal IS NULL AND NOT EXISTS (
        -- What begin_send allowed a moment ago.
        SELECT FROM lever.audit AS a WHERE a.company_id = company AND a.login = session_user AND a.action = 'send'
            AND a.allowed AND a.thread_id = thread AND a.candidate_id = candidate
            AND a.at > clock_timestamp() - interval '10 minutes')
    THEN
        refusal := 'nothing allows this message';
    END IF;
    IF refusal IS NULL THEN
        INSERT INTO lever.outbox (
            company_id, entry_id, login, candidate_id, thread_id, direction, accepted_at, size, tail_size, dedupe_keys,
            key_ids, sender_index, recipient_indices, message_id_index, index_version, correspondents, head, attempts,
            tried_at
        ) VALUES (
            company, entry, session_user, candidate, thread, put_outbox.direction, put_outbox.accepted_at,
            put_outbox.size, put_outbox.tail_size, put_outbox.dedupe_keys, put_outbox.key_ids, put_outbox.sender_index,
            put_outbox.recipient_indices, put_outbox.message_id_index, put_outbox.index_version,
            put_outbox.correspondents, put_outbox.head, 1, now());
    END IF;
    RETURN refusal;
END
$$;

CREATE FUNCTION lever.put_outbox_part(company bigint, entry uuid, part integer, bytes bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    INSERT INTO lever.outbox_part (company_id, entry_id, part, bytes)
    SELECT o.company_id, o.entry_id, put_outbox_part.part, put_outbox_part.bytes FROM lever.outbox AS o
    WHERE o.company_id = company AND o.entry_id = entry AND o.login = session_user;
    IF NOT FOUND THEN
        RAISE 'no such message in the outbox' USING ERRCODE = 'insufficient_privilege';
    END IF;
END
$$;

-- Gives a message to who wrote it, to be sent again. `is_sent`: a mail host has seen it, so it was sent.
CREATE FUNCTION lever.take_outbox(
    company bigint, entry uuid, OUT refusal text, OUT is_sent boolean, OUT candidate bigint, OUT thread bigint,
    OUT accepted_at timestamptz, OUT head bytea, OUT tail_size bigint
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    waiting lever.outbox;
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    IF lever.product_role() IS NULL THEN
        refusal := lever.refuse_outsider('send', entry, NULL, NULL);
        RETURN;
    END IF;
    SELECT * INTO waiting FROM lever.outbox AS o
    WHERE o.company_id = company AND o.entry_id = entry AND o.login = session_user FOR UPDATE;
    IF NOT FOUND THEN
        refusal := 'no such message of this user in the outbox';
    ELSE
        is_sent := EXISTS (
            SELECT FROM lever.message_dedupe AS d, unnest(lever.split(waiting.dedupe_keys, 32)) AS key
            WHERE d.company_id = company AND d.dedupe_key = key);
        IF NOT is_sent THEN
            refusal := lever.sending_refusal();
        END IF;
        candidate := waiting.candidate_id;
        thread := waiting.thread_id;
    END IF;
    PERFORM lever.audit_attempt('send', refusal, entry, candidate, thread, 'again');
    IF refusal IS NULL THEN
        accepted_at := waiting.accepted_at;
        head := waiting.head;
        tail_size := waiting.tail_size;
        UPDATE lever.outbox AS o SET attempts = o.attempts + 1, tried_at = now(), error = NULL
        WHERE o.company_id = company AND o.entry_id = entry;
    END IF;
END
$$;

CREATE FUNCTION lever.take_outbox_part(company bigint, entry uuid, part integer) RETURNS bytea
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

-- The message could not be sent. Not why in the server's words, which may hold addresses.
CREATE FUNCTION lever.fail_send(company bigint, entry uuid, failure text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    UPDATE lever.outbox AS o SET error = left(failure, 200)
    WHERE o.company_id = company AND o.entry_id = entry AND o.login = session_user;
END
$$;

-- The message was sent: puts it on the timeline, unless a mail host has brought it there, and takes it out of the outbox.
-- `outcome`: captured, duplicate, or erased if the candidate became anonymous in the meantime; `stored`: the entry on the
-- timeline.
CREATE FUNCTION lever.finish_send(company bigint, entry uuid, OUT outcome text, OUT stored uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    sent lever.outbox;
    further record;
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    SELECT * INTO sent FROM lever.outbox AS o
    WHERE o.company_id = company AND o.entry_id = entry AND o.login = session_user FOR UPDATE;
    IF NOT FOUND THEN
        outcome := 'erased';
        RETURN;
    END IF;
    stored := entry;
    FOR further IN
        SELECT p.part, p.bytes FROM lever.outbox_part AS p WHERE p.company_id = company AND p.entry_id = entry ORDER BY p.part
    LOOP
        outcome := (lever.ingest(
            ARRAY[company], ARRAY[entry], ARRAY[sent.thread_id], ARRAY[sent.direction], ARRAY['captured'],
            ARRAY[sent.accepted_at], ARRAY[sent.size], ARRAY['leverctl'], ARRAY['send'], ARRAY[sent.dedupe_keys],
            ARRAY[sent.key_ids], ARRAY[sent.sender_index], ARRAY[sent.recipient_indices], ARRAY[sent.message_id_index],
            ARRAY[sent.index_version], ARRAY[NULL::bytea], ARRAY[NULL::bytea],
            ARRAY[CASE WHEN further.part = 0 THEN sent.head END], ARRAY[sent.tail_size], ARRAY[further.part],
            ARRAY[further.bytes], ARRAY['message_id'], ARRAY[NULL::timestamptz], ARRAY['none'], ARRAY['sent'],
            ARRAY[sent.correspondents], ARRAY[sent.message_id_index], ARRAY[NULL::bigint]))[1];
        EXIT WHEN outcome <> 'captured';
    END LOOP;
    IF outcome = 'duplicate' THEN
        SELECT d.entry_id INTO stored FROM lever.message_dedupe AS d, unnest(lever.split(sent.dedupe_keys, 32)) AS key
        WHERE d.company_id = company AND d.dedupe_key = key LIMIT 1;
        UPDATE lever.message AS m SET labels = m.labels || '{sent}'
        WHERE m.company_id = company AND m.entry_id = stored AND NOT 'sent' = ANY (m.labels);
    END IF;
    DELETE FROM lever.outbox AS o WHERE o.company_id = company AND o.entry_id = entry;
END
$$;

-- Gives up a message that waits. Returns why not, or null.
CREATE FUNCTION lever.discard_outbox(company bigint, entry uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    refusal text;
    candidate bigint;
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    IF lever.product_role() IS NULL THEN
        RETURN lever.refuse_outsider('discard', entry, NULL, NULL);
    END IF;
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
    -- What was about to be sent to them.
    DELETE FROM lever.outbox AS o WHERE o.company_id = company AND o.candidate_id = candidate;
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

GRANT EXECUTE ON FUNCTION lever.set_mail_account, lever.remove_mail_account, lever.take_mail_account, lever.begin_send,
    lever.index_codes, lever.sealing_recipients, lever.put_outbox, lever.put_outbox_part, lever.take_outbox, lever.take_outbox_part, lever.fail_send,
    lever.finish_send, lever.discard_outbox TO lever_reader;
