-- Sending mail from here: who may, through which account, and what a message is begun with. Everything that is stored
-- of a message is derived from what lever.begin_send fixed: a reader's call brings sealed bytes, but no id, index,
-- dedupe key, correspondent or time.
--
-- begin_send    allows a message, writes that into the audit, and fixes its entry, thread, Message-ID and time
-- take_send     gives them out, once begin_send is committed
-- put_outbox    stores the sealed message, once (code/submitting.sql)
-- finish_send   moves it to the timeline when the server has taken it
--
-- Each checks again whether the user may: meanwhile the candidate may have become anonymous, the thread secret, the
-- user disabled. Locks are taken in the order candidate, thread, send_grant, outbox, audit_head, as erasing does.

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

-- Sending decides by what others commit at the same time. Under another isolation level a session would go by what it
-- saw when its transaction began.
CREATE OR REPLACE FUNCTION lever.require_read_committed() RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE 'messages are sent in transactions that are READ COMMITTED' USING ERRCODE = 'invalid_transaction_state';
    END IF;
END
$$;

-- Why the session's user, who is one of the company's, may not send to the candidate in the thread; NULL if it may.
-- Holds both until the end of the transaction: whoever anonymizes the candidate or makes the thread secret waits for
-- it, or is heeded.
CREATE OR REPLACE FUNCTION lever.thread_refusal(
    company bigint, candidate bigint, thread bigint, is_answer boolean
) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    setter text;
BEGIN
    IF NOT lever.hold_candidate(company, candidate) THEN
        RETURN 'the candidate is anonymous';
    END IF;
    SELECT t.secret_by INTO setter FROM lever.thread AS t
    WHERE t.company_id = company AND t.thread_id = thread AND t.candidate_id = candidate AND t.erased_at IS NULL
    FOR SHARE;
    IF NOT FOUND THEN
        RETURN 'no such thread';
    -- A limited team member does not see the thread that a message of his own starts before the message is in it.
    ELSIF NOT lever.sees_thread(thread)
        AND (is_answer OR setter IS NOT NULL OR lever.product_role() IS DISTINCT FROM 'limited_team_member')
    THEN
        RETURN 'no such thread';
    END IF;
    RETURN lever.sending_refusal();
END
$$;

-- Why nothing is sent in the thread any more, whoever asks; NULL if it is. What was sent before is recorded all the
-- same.
CREATE OR REPLACE FUNCTION lever.withdrawal_refusal(company bigint, thread bigint) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN CASE WHEN EXISTS (
        SELECT FROM lever.withdrawn_thread AS w WHERE w.company_id = company AND w.thread_id = thread)
        THEN 'the thread was withdrawn' END;
END
$$;

-- Begins a message to a candidate: an answer to a message of the candidate's, or a new thread. Its Message-ID will have
-- the domain given. `refusal` is NULL if it may be sent; `entry` is what lever.take_send and the outbox know it by.
CREATE OR REPLACE FUNCTION lever.begin_send(
    company bigint, candidate bigint, answered uuid, marker_domain text, OUT refusal text, OUT entry uuid
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    granted lever.send_grant;
BEGIN
    PERFORM lever.require_read_committed();
    IF lever.is_domain(marker_domain) IS NOT TRUE THEN
        RAISE 'no such domain' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    refusal := lever.begin_action(company, 'send', answered, candidate);
    IF refusal IS NOT NULL THEN
        RETURN;
    END IF;
    refusal := coalesce(
        lever.sending_refusal(), lever.new_grant_refusal(company), lever.candidate_refusal(company, candidate));
    IF refusal IS NULL AND answered IS NOT NULL THEN
        SELECT a.refusal, a.thread INTO refusal, granted.thread_id
        FROM lever.answered_thread(company, candidate, answered) AS a;
    END IF;
    IF refusal IS NULL THEN
        granted := lever.fix_message(company, candidate, granted.thread_id, answered, marker_domain);
        refusal := lever.thread_refusal(company, candidate, granted.thread_id, answered IS NOT NULL);
    END IF;
    IF refusal IS NULL THEN
        INSERT INTO lever.send_grant SELECT granted.*;
        entry := granted.entry_id;
    END IF;
    PERFORM lever.audit_attempt('send', refusal, answered, candidate, granted.thread_id, '');
END
$$;

-- Why the session's user cannot begin another message now; NULL if it can. Deletes what was begun and has expired.
CREATE OR REPLACE FUNCTION lever.new_grant_refusal(company bigint) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    DELETE FROM lever.send_grant AS g WHERE g.company_id = company AND g.login = session_user
        AND g.accepted_at < clock_timestamp() - interval '10 minutes';
    IF (SELECT count(*) FROM lever.send_grant AS g WHERE g.company_id = company AND g.login = session_user) >= 100 THEN
        RETURN 'this user has begun 100 messages in ten minutes; wait';
    END IF;
    RETURN NULL;
END
$$;

-- Why the session's user may not begin a message to the candidate; NULL if it may. Holds the candidate.
CREATE OR REPLACE FUNCTION lever.candidate_refusal(company bigint, candidate bigint) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN CASE
        WHEN NOT (lever.sees_candidate(candidate) AND lever.hold_candidate(company, candidate))
        THEN 'no such candidate' END;
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
        WHEN lever.withdrawal_refusal(company, thread) IS NOT NULL THEN lever.withdrawal_refusal(company, thread)
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

-- What a message is from now on, in a thread or in a new one.
CREATE OR REPLACE FUNCTION lever.fix_message(
    company bigint, candidate bigint, thread bigint, answered uuid, marker_domain text
) RETURNS lever.send_grant
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    fixed lever.send_grant;
BEGIN
    fixed.company_id := company;
    fixed.login := session_user;
    fixed.candidate_id := candidate;
    fixed.answered := answered;
    fixed.accepted_at := date_trunc('milliseconds', clock_timestamp());
    fixed.entry_id := lever.new_entry(fixed.accepted_at);
    SELECT s.version INTO STRICT fixed.marker_version FROM lever.company_secret AS s
    WHERE s.company_id = company AND s.kind = 'marker' AND s.state = 'primary';
    SELECT s.version INTO STRICT fixed.index_version FROM lever.company_secret AS s
    WHERE s.company_id = company AND s.kind = 'index' AND s.state = 'primary';
    fixed.thread_id := coalesce(thread, lever.new_thread(company, candidate, fixed.marker_version));
    fixed.nonce := ('x' || encode(substring(uuid_send(gen_random_uuid()) FOR 4), 'hex'))::bit(32)::integer;
    fixed.marker_domain := marker_domain;
    fixed.xid := pg_current_xact_id();
    RETURN fixed;
END
$$;

-- A new entry id: a UUID of version 7 (RFC 9562), as mail hosts make them.
CREATE OR REPLACE FUNCTION lever.new_entry(moment timestamptz) RETURNS uuid
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    milliseconds CONSTANT bytea := substring(int8send((extract(epoch FROM moment) * 1000)::bigint) FROM 3);
    -- Of version 4: the variant is right already.
    random CONSTANT bytea := uuid_send(gen_random_uuid());
BEGIN
    RETURN encode(
        set_byte(milliseconds || substring(random FROM 7), 6, (get_byte(random, 6) & 15) | 112), 'hex')::uuid;
END
$$;

-- What begin_send allowed the session's user a few minutes ago, in a transaction that is committed; NULLs if nothing.
CREATE OR REPLACE FUNCTION lever.find_grant(company bigint, entry uuid) RETURNS lever.send_grant
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    granted lever.send_grant;
BEGIN
    SELECT * INTO granted FROM lever.send_grant AS g
    WHERE g.company_id = company AND g.entry_id = entry AND g.login = session_user
        AND g.accepted_at > clock_timestamp() - interval '10 minutes'
        AND g.xid IS DISTINCT FROM pg_current_xact_id_if_assigned();
    RETURN granted;
END
$$;

-- Gives out what begin_send fixed: the thread and time that are sealed into the message, its Message-ID and the value
-- of its X-Lever-Entry. In a transaction of its own: whoever rolls begin_send back gets nothing, and whoever gets a
-- marker has left a row in the audit.
CREATE OR REPLACE FUNCTION lever.take_send(
    company bigint, entry uuid, OUT refusal text, OUT thread bigint, OUT accepted_at timestamptz, OUT message_id text,
    OUT entry_token text
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    granted lever.send_grant;
BEGIN
    PERFORM lever.require_read_committed();
    refusal := lever.begin_action(company, 'send', entry);
    IF refusal IS NOT NULL THEN
        RETURN;
    END IF;
    granted := lever.find_grant(company, entry);
    refusal := CASE
        WHEN granted.entry_id IS NULL THEN 'nothing allows this message'
        ELSE coalesce(
            lever.thread_refusal(company, granted.candidate_id, granted.thread_id, granted.answered IS NOT NULL),
            lever.withdrawal_refusal(company, granted.thread_id)) END;
    IF refusal IS NOT NULL THEN
        PERFORM lever.audit_attempt('send', refusal, entry, granted.candidate_id, granted.thread_id, '');
        RETURN;
    END IF;
    thread := granted.thread_id;
    accepted_at := granted.accepted_at;
    message_id := '<' || lever.marker_of(granted) || '>';
    entry_token := lever.entry_token_of(granted);
END
$$;

-- The Message-ID of a message that was begun, without angle brackets: docs/reference/formats.md, "Marker".
CREATE OR REPLACE FUNCTION lever.marker_of(granted lever.send_grant) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    fields CONSTANT bytea := substring(int2send(granted.marker_version) FROM 2) || int8send(granted.company_id)
        || int8send(granted.thread_id) || int4send(granted.nonce);
    mac bytea;
BEGIN
    SELECT substring(lever.hmac(s.secret, 'lv1'::bytea || fields || convert_to(granted.marker_domain, 'UTF8')) FOR 16)
    INTO STRICT mac FROM lever.company_secret AS s
    WHERE s.company_id = granted.company_id AND s.kind = 'marker' AND s.version = granted.marker_version
        AND s.secret IS NOT NULL;
    RETURN 'lv1.' || lever.base32(fields || mac) || '@' || granted.marker_domain;
END
$$;

-- The value of its X-Lever-Entry: docs/reference/formats.md, "Entry token".
CREATE OR REPLACE FUNCTION lever.entry_token_of(granted lever.send_grant) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    fields CONSTANT bytea := substring(int2send(granted.index_version) FROM 2) || uuid_send(granted.entry_id);
BEGIN
    RETURN 'lve1.' || lever.base32(fields || substring(lever.index_code(
        granted.company_id, granted.index_version, 'entry'::bytea || int8send(granted.company_id) || fields) FOR 16));
END
$$;

-- HMAC under an index key of the company. An error if the key is no longer live.
CREATE OR REPLACE FUNCTION lever.index_code(company bigint, key_version smallint, message bytea) RETURNS bytea
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    code bytea;
BEGIN
    SELECT lever.hmac(s.secret, message) INTO STRICT code FROM lever.company_secret AS s
    WHERE s.company_id = company AND s.kind = 'index' AND s.version = key_version
        AND s.state NOT IN ('retired', 'destroyed');
    RETURN code;
END
$$;

-- Base32 (RFC 4648 section 6) in lower case, without padding.
CREATE OR REPLACE FUNCTION lever.base32(value bytea) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    digits CONSTANT integer := (octet_length(value) * 8 + 4) / 5;
    bits CONSTANT bit varying := ('x' || encode(value, 'hex'))::bit varying || B'0000';
    encoded text := '';
BEGIN
    FOR place IN 0..digits - 1 LOOP
        encoded := encoded || substr(
            'abcdefghijklmnopqrstuvwxyz234567', substring(bits FROM place * 5 + 1 FOR 5)::bit(5)::integer + 1, 1);
    END LOOP;
    RETURN encoded;
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
