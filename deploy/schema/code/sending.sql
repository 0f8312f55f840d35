-- Sending mail from here. A message is in the outbox from just before it is sent until it is on the timeline.

-- HMAC-SHA256 (RFC 2104) with a key of at most 64 bytes. Not pgcrypto's: an extension would be one more package to
-- install, one more object outside this schema that a restore depends on, and a right that an installer may lack.
-- Sending calls it a few times a message.
CREATE OR REPLACE FUNCTION lever.hmac(key bytea, message bytea) RETURNS bytea
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

-- Why the session's user may not send for the current company; NULL if it may.
CREATE OR REPLACE FUNCTION lever.sending_refusal() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    company CONSTANT bigint := lever.current_company();
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

-- Sets the mail account of the session's user, in place of the one before. Returns the refusal, or NULL.
CREATE OR REPLACE FUNCTION lever.set_mail_account(
    company bigint, entry uuid, head bytea, tail bytea, bound_at timestamptz
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    refusal CONSTANT text := lever.begin_action(company, 'account');
BEGIN
    IF refusal IS NOT NULL THEN
        RETURN refusal;
    END IF;
    INSERT INTO lever.mail_account AS a (company_id, login, entry_id, head, tail, bound_at)
    VALUES (company, session_user, entry, set_mail_account.head, set_mail_account.tail, set_mail_account.bound_at)
    ON CONFLICT (company_id, login) DO UPDATE SET entry_id = excluded.entry_id, head = excluded.head,
        tail = excluded.tail, bound_at = excluded.bound_at;
    PERFORM lever.append_audit('account', true, NULL, NULL, NULL, 'set');
    RETURN NULL;
END
$$;

-- Removes the mail account of the session's user. Returns the refusal, or NULL.
CREATE OR REPLACE FUNCTION lever.remove_mail_account(company bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    refusal text := lever.begin_action(company, 'account');
BEGIN
    IF refusal IS NOT NULL THEN
        RETURN refusal;
    END IF;
    DELETE FROM lever.mail_account AS a WHERE a.company_id = company AND a.login = session_user;
    IF NOT FOUND THEN
        refusal := 'no account';
    END IF;
    PERFORM lever.audit_attempt('account', refusal, NULL, NULL, NULL, 'removed');
    RETURN refusal;
END
$$;

-- The mail account of the session's user; no row if there is none.
CREATE OR REPLACE FUNCTION lever.take_mail_account(company bigint)
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

-- Begins a message to a candidate: an answer to a message of the candidate's, or a new thread. The marker is signed for
-- the domain given. `refusal` is NULL if it may be sent.
CREATE OR REPLACE FUNCTION lever.begin_send(
    company bigint, candidate bigint, answered uuid, nonce integer, marker_domain text,
    OUT refusal text, OUT thread bigint, OUT marker_version smallint, OUT mac bytea, OUT index_version smallint
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    marker_key bytea;
BEGIN
    refusal := lever.begin_action(company, 'send', answered, candidate);
    IF refusal IS NOT NULL THEN
        RETURN;
    END IF;
    refusal := lever.sending_refusal();
    IF refusal IS NULL THEN
        PERFORM FROM lever.candidate AS c
        WHERE c.company_id = company AND c.candidate_id = candidate AND c.anonymized_at IS NULL
            AND lever.sees_candidate(candidate)
        FOR SHARE;
        IF NOT FOUND THEN
            refusal := 'no such candidate';
        END IF;
    END IF;
    IF refusal IS NULL AND answered IS NOT NULL THEN
        SELECT a.refusal, a.thread INTO refusal, thread FROM lever.answered_thread(company, candidate, answered) AS a;
    END IF;
    IF refusal IS NULL THEN
        SELECT s.version, s.secret INTO STRICT marker_version, marker_key FROM lever.company_secret AS s
        WHERE s.company_id = company AND s.kind = 'marker' AND s.state = 'primary';
        SELECT s.version INTO STRICT index_version FROM lever.company_secret AS s
        WHERE s.company_id = company AND s.kind = 'index' AND s.state = 'primary';
        thread := coalesce(thread, lever.new_thread(company, candidate, marker_version));
        mac := substring(lever.hmac(marker_key, 'lv1'::bytea || substring(int2send(marker_version) FROM 2)
            || int8send(company) || int8send(thread) || int4send(nonce)
            || convert_to(lower(marker_domain), 'UTF8')) FOR 16);
    END IF;
    PERFORM lever.audit_attempt('send', refusal, answered, candidate, thread, '');
END
$$;

-- The thread of a message that the session's user answers, and why it may not be answered.
CREATE OR REPLACE FUNCTION lever.answered_thread(
    company bigint, candidate bigint, answered uuid, OUT refusal text, OUT thread bigint
)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    message lever.message;
BEGIN
    SELECT * INTO message FROM lever.message AS m
    WHERE m.company_id = company AND m.entry_id = answered AND m.candidate_id = candidate;
    thread := message.thread_id;
    refusal := CASE
        WHEN NOT FOUND OR NOT lever.sees_thread(thread) THEN 'no such message'
        WHEN message.removed_at IS NOT NULL THEN 'the message was removed'
        WHEN EXISTS (SELECT FROM lever.withdrawn_thread AS w WHERE w.company_id = company AND w.thread_id = thread)
            THEN 'the thread was withdrawn'
        WHEN message.labels && ARRAY['auto_reply', 'bounce', 'list']
            THEN 'a program wrote the message, or it came by a list: those are not answered' END;
END
$$;

CREATE OR REPLACE FUNCTION lever.new_thread(company bigint, candidate bigint, marker_version smallint) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- 63 random bits; a thread's id is not zero.
    thread CONSTANT bigint := greatest(1, ('x' || encode(substring(uuid_send(gen_random_uuid()) FROM 13 FOR 4)
        || substring(uuid_send(gen_random_uuid()) FROM 13 FOR 4), 'hex'))::bit(64)::bigint & 9223372036854775807);
BEGIN
    INSERT INTO lever.thread (company_id, thread_id, candidate_id, marker_version)
    VALUES (company, thread, candidate, new_thread.marker_version);
    RETURN thread;
END
$$;

-- Codes by which a message is found, under every live index key, the one in use first. Each input begins with its kind:
-- an address, a message id, what makes a mail the same, an entry that is sent, or the entry's token.
CREATE OR REPLACE FUNCTION lever.index_codes(company bigint, inputs bytea[])
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
CREATE OR REPLACE FUNCTION lever.sealing_recipients(company bigint) RETURNS SETOF bytea
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

-- Puts a message into the outbox before it is sent; its parts follow. Returns the refusal, or NULL.
CREATE OR REPLACE FUNCTION lever.put_outbox(message lever.incoming, candidate bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    refusal text := lever.begin_action(message.company_id, 'send', message.entry_id, candidate, message.thread_id);
BEGIN
    IF refusal IS NOT NULL THEN
        RETURN refusal;
    END IF;
    refusal := lever.sending_refusal();
    IF refusal IS NULL AND NOT EXISTS (
        -- What begin_send allowed a moment ago.
        SELECT FROM lever.audit AS a WHERE a.company_id = message.company_id AND a.login = session_user
            AND a.action = 'send' AND a.allowed AND a.thread_id = message.thread_id AND a.candidate_id = candidate
            AND a.at > clock_timestamp() - interval '10 minutes')
    THEN
        refusal := 'nothing allows this message';
    END IF;
    IF refusal IS NULL THEN
        -- By name: the columns are those of lever.incoming and these.
        INSERT INTO lever.outbox SELECT o.* FROM jsonb_populate_record(NULL::lever.outbox, to_jsonb(message)
            || jsonb_build_object(
                'login', session_user, 'candidate_id', candidate, 'attempts', 1, 'tried_at', now())) AS o;
    END IF;
    RETURN refusal;
END
$$;

CREATE OR REPLACE FUNCTION lever.put_outbox_part(company bigint, entry uuid, part integer, bytes bytea) RETURNS void
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

-- Gives a message to the user who wrote it, to be sent again. `is_sent`: a mail host has seen it, so it was sent.
CREATE OR REPLACE FUNCTION lever.take_outbox(
    company bigint, entry uuid, OUT refusal text, OUT is_sent boolean, OUT candidate bigint, OUT thread bigint,
    OUT accepted_at timestamptz, OUT head bytea, OUT tail_size bigint
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    waiting lever.outbox;
BEGIN
    refusal := lever.begin_action(company, 'send', entry);
    IF refusal IS NOT NULL THEN
        RETURN;
    END IF;
    SELECT * INTO waiting FROM lever.outbox AS o
    WHERE o.company_id = company AND o.entry_id = entry AND o.login = session_user FOR UPDATE;
    IF NOT FOUND THEN
        refusal := 'no such message of this user in the outbox';
    ELSE
        is_sent := lever.stored_entry(company, waiting.dedupe_keys) IS NOT NULL;
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

-- The entry of the mail that has one of these dedupe keys; NULL if it is not stored.
CREATE OR REPLACE FUNCTION lever.stored_entry(company bigint, dedupe_keys bytea[]) RETURNS uuid
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (
        SELECT d.entry_id FROM lever.message_dedupe AS d
        WHERE d.company_id = company AND d.dedupe_key = ANY (dedupe_keys) LIMIT 1);
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
    UPDATE lever.outbox AS o SET error = left(failure, 200)
    WHERE o.company_id = company AND o.entry_id = entry AND o.login = session_user;
END
$$;

-- The message was sent: puts it on the timeline unless a mail host has brought it there, and takes it out of the
-- outbox. `outcome`: captured, duplicate, or erased if the candidate has become anonymous; `stored`: the entry on the
-- timeline.
CREATE OR REPLACE FUNCTION lever.finish_send(company bigint, entry uuid, OUT outcome text, OUT stored uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    sent lever.outbox;
    message lever.incoming;
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    SELECT * INTO sent FROM lever.outbox AS o
    WHERE o.company_id = company AND o.entry_id = entry AND o.login = session_user FOR UPDATE;
    IF NOT FOUND THEN
        outcome := 'erased';
        RETURN;
    END IF;
    stored := entry;
    message := jsonb_populate_record(NULL::lever.incoming, to_jsonb(sent));
    message.outcome := 'captured';
    message.host := 'leverctl';
    message.queue_id := 'send';
    message.matched := 'message_id';
    message.authentication := 'none';
    message.labels := '{sent}';
    message.learned_ids := ARRAY[message.message_id_index];
    FOR message.part, message.bytes IN
        SELECT p.part, p.bytes FROM lever.outbox_part AS p WHERE p.company_id = company AND p.entry_id = entry
        ORDER BY p.part
    LOOP
        outcome := (lever.ingest(ARRAY[message]))[1];
        EXIT WHEN outcome <> 'captured';
        message.head := NULL;
    END LOOP;
    IF outcome = 'duplicate' THEN
        stored := lever.stored_entry(company, sent.dedupe_keys);
        UPDATE lever.message AS m SET labels = m.labels || '{sent}'
        WHERE m.company_id = company AND m.entry_id = stored AND NOT 'sent' = ANY (m.labels);
    END IF;
    DELETE FROM lever.outbox AS o WHERE o.company_id = company AND o.entry_id = entry;
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
