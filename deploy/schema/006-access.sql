-- Who sees what: the product's users, the logins that work for a company, and row-level security for all of them.
--
-- A session names one company in the setting lever.company. What it sees of that company depends on its login (the
-- session's, whatever role it has set), and without a right to the company it sees nothing.

SET LOCAL ROLE lever_owner;

GRANT USAGE ON SCHEMA lever TO lever_rekey, lever_retention, lever_auditor;
GRANT SELECT ON lever.schema_version TO lever_rekey, lever_retention, lever_auditor;

-- A person who reads timelines.
CREATE TABLE lever.app_user (
    company_id bigint NOT NULL REFERENCES lever.company,
    login text NOT NULL CONSTRAINT app_user_login_unique UNIQUE CHECK (length(login) BETWEEN 1 AND 63),
    role text NOT NULL CHECK (role IN ('super_admin', 'admin', 'team_member', 'limited_team_member')),
    -- By which the user is known to be a participant of a thread.
    address_id uuid NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now(),
    disabled_at timestamptz,
    PRIMARY KEY (company_id, login),
    FOREIGN KEY (company_id, address_id) REFERENCES lever.address (company_id, entry_id)
);

-- A login that re-wraps keys, erases or audits for a company. What it may do there is a matter of its database roles.
CREATE TABLE lever.access_grant (
    company_id bigint NOT NULL REFERENCES lever.company,
    login text NOT NULL CHECK (length(login) BETWEEN 1 AND 63),
    granted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id, login)
);

-- A secret thread is so as a whole.
ALTER TABLE lever.thread
    ADD COLUMN secret_by text CHECK (length(secret_by) BETWEEN 1 AND 63),
    ADD COLUMN erased_at timestamptz;
CREATE INDEX message_by_thread ON lever.message (company_id, thread_id);

CREATE FUNCTION lever.named_company() RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('lever.company', true), '')::bigint;

-- The role of the session's login among the users of the named company; null if it is none of them.
CREATE FUNCTION lever.product_role() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT role FROM lever.app_user
    WHERE company_id = lever.named_company() AND login = session_user AND disabled_at IS NULL
$$;

-- The named company, if the session's login is one of its users.
CREATE FUNCTION lever.user_company() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT lever.named_company() WHERE lever.product_role() IS NOT NULL $$;

-- The named company, if the session's login was granted access to it.
CREATE FUNCTION lever.granted_company() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT company_id FROM lever.access_grant WHERE company_id = lever.named_company() AND login = session_user
$$;

-- Every company that the session's login may name.
CREATE FUNCTION lever.own_companies() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT array(
        SELECT company_id FROM lever.app_user WHERE login = session_user AND disabled_at IS NULL
        UNION
        SELECT company_id FROM lever.access_grant WHERE login = session_user)
$$;

CREATE FUNCTION lever.sees_every_thread() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT coalesce(lever.product_role() IN ('super_admin', 'admin'), false) $$;

-- Whether the session's login sent or received a message of the thread.
CREATE FUNCTION lever.takes_part(thread bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (
        SELECT FROM lever.app_user AS u
        JOIN lever.address_index AS a ON a.company_id = u.company_id AND a.entry_id = u.address_id
        JOIN lever.message AS m ON m.company_id = u.company_id AND m.index_version = a.index_version
            AND (m.sender_index = a.email_index OR a.email_index = ANY (m.recipient_indices))
        WHERE u.company_id = lever.named_company() AND u.login = session_user AND m.thread_id = thread)
$$;

-- Admins see every thread; team members those that are not secret, those they made secret, and those they take part
-- in; limited team members those they take part in.
CREATE FUNCTION lever.sees_thread(thread bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(
        CASE lever.product_role()
            WHEN 'super_admin' THEN true
            WHEN 'admin' THEN true
            WHEN 'team_member' THEN (
                SELECT t.secret_by IS NULL OR t.secret_by = session_user OR lever.takes_part(thread)
                FROM lever.thread AS t WHERE t.company_id = lever.named_company() AND t.thread_id = thread)
            WHEN 'limited_team_member' THEN lever.takes_part(thread)
        END, false)
$$;

GRANT EXECUTE ON FUNCTION lever.named_company, lever.product_role, lever.own_companies
    TO lever_reader, lever_rekey, lever_retention, lever_auditor;
GRANT EXECUTE ON FUNCTION lever.user_company, lever.sees_every_thread, lever.sees_thread TO lever_reader;
GRANT EXECUTE ON FUNCTION lever.granted_company TO lever_rekey, lever_retention, lever_auditor;

-- Row-level security on everything that belongs to a company, for the owner too. What administrators set up they see
-- for all companies; what was captured, for the one they name.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['candidate', 'thread', 'message', 'message_key', 'message_part', 'delivery'] LOOP
        EXECUTE format('DROP POLICY one_company ON lever.%I', name);
        EXECUTE format('REVOKE ALL ON lever.%I FROM lever_reader', name);
    END LOOP;

    FOREACH name IN ARRAY ARRAY[
        'candidate', 'thread', 'message', 'message_key', 'message_part', 'message_dedupe', 'delivery', 'address']
    LOOP
        EXECUTE format(
            'CREATE POLICY owner_one_company ON lever.%I TO lever_owner USING (company_id = lever.named_company())',
            name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY[
        'company', 'company_domain', 'company_secret', 'sealing_key', 'never_log', 'address_index', 'app_user',
        'access_grant']
    LOOP
        EXECUTE format('CREATE POLICY owner_every_company ON lever.%I TO lever_owner USING (true)', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY[
        'company', 'company_domain', 'company_secret', 'sealing_key', 'candidate', 'thread', 'message', 'message_key',
        'message_part', 'message_dedupe', 'delivery', 'address', 'address_index', 'never_log', 'app_user',
        'access_grant']
    LOOP
        EXECUTE format('ALTER TABLE lever.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
    END LOOP;

    FOREACH name IN ARRAY ARRAY['company', 'company_domain'] LOOP
        EXECUTE format(
            'CREATE POLICY own_companies ON lever.%I FOR SELECT '
            'TO lever_reader, lever_rekey, lever_retention, lever_auditor '
            'USING (company_id = ANY ((SELECT lever.own_companies())::bigint[]))', name);
        EXECUTE format('GRANT SELECT ON lever.%I TO lever_rekey, lever_retention, lever_auditor', name);
    END LOOP;
END
$$;

-- Readers: never a head, which is what opens a message; lever.request_opening gives it out.
CREATE POLICY reader ON lever.thread FOR SELECT TO lever_reader USING (
    company_id = (SELECT lever.user_company()) AND ((SELECT lever.sees_every_thread()) OR lever.sees_thread(thread_id)));
CREATE POLICY reader ON lever.message FOR SELECT TO lever_reader USING (
    company_id = (SELECT lever.user_company()) AND ((SELECT lever.sees_every_thread()) OR lever.sees_thread(thread_id)));
CREATE POLICY reader ON lever.message_part FOR SELECT TO lever_reader USING (
    company_id = (SELECT lever.user_company()) AND EXISTS (
        SELECT FROM lever.message AS m
        WHERE m.company_id = message_part.company_id AND m.entry_id = message_part.entry_id));
CREATE POLICY reader ON lever.candidate FOR SELECT TO lever_reader USING (
    company_id = (SELECT lever.user_company()) AND (
        (SELECT lever.product_role()) <> 'limited_team_member' OR EXISTS (
            SELECT FROM lever.thread AS t
            WHERE t.company_id = candidate.company_id AND t.candidate_id = candidate.candidate_id)));
CREATE POLICY reader ON lever.delivery FOR SELECT TO lever_reader USING (
    company_id = (SELECT lever.user_company()) AND (SELECT lever.sees_every_thread()));
GRANT SELECT (company_id, candidate_id, tail, entry_id, bound_at) ON lever.candidate TO lever_reader;
GRANT SELECT (company_id, thread_id, candidate_id, created_at, secret_by) ON lever.thread TO lever_reader;
GRANT SELECT (company_id, entry_id, candidate_id, thread_id, direction, accepted_at, stored_at, size, tail_size, host,
    queue_id, key_ids, host_key_id, signature) ON lever.message TO lever_reader;
GRANT SELECT ON lever.message_part, lever.delivery, lever.host_key TO lever_reader;

-- Re-wrapping: heads and the names of keys, nothing that a private key could open into content.
CREATE POLICY rekey ON lever.message TO lever_rekey USING (company_id = (SELECT lever.granted_company()));
CREATE POLICY rekey ON lever.message_key TO lever_rekey USING (company_id = (SELECT lever.granted_company()));
CREATE POLICY rekey ON lever.candidate TO lever_rekey USING (company_id = (SELECT lever.granted_company()));
CREATE POLICY rekey ON lever.address TO lever_rekey USING (company_id = (SELECT lever.granted_company()));
CREATE POLICY rekey ON lever.sealing_key FOR SELECT TO lever_rekey USING (company_id = (SELECT lever.granted_company()));
GRANT SELECT (company_id, entry_id, key_ids), UPDATE (key_ids) ON lever.message TO lever_rekey;
GRANT SELECT, UPDATE (head) ON lever.message_key TO lever_rekey;
GRANT SELECT (company_id, candidate_id, head), UPDATE (head) ON lever.candidate TO lever_rekey;
GRANT SELECT (company_id, entry_id, head), UPDATE (head) ON lever.address TO lever_rekey;
GRANT SELECT ON lever.sealing_key TO lever_rekey;
GRANT EXECUTE ON FUNCTION lever.each_has_length TO lever_rekey;

-- Auditors: who may do what and what was done, no content.
CREATE POLICY auditor ON lever.delivery FOR SELECT TO lever_auditor USING (company_id = (SELECT lever.granted_company()));
CREATE POLICY auditor ON lever.thread FOR SELECT TO lever_auditor USING (company_id = (SELECT lever.granted_company()));
CREATE POLICY auditor ON lever.app_user FOR SELECT TO lever_auditor USING (company_id = (SELECT lever.granted_company()));
CREATE POLICY auditor ON lever.access_grant FOR SELECT TO lever_auditor
    USING (company_id = (SELECT lever.granted_company()));
CREATE POLICY auditor ON lever.sealing_key FOR SELECT TO lever_auditor
    USING (company_id = (SELECT lever.granted_company()));
GRANT SELECT (company_id, thread_id, candidate_id) ON lever.thread TO lever_auditor;
GRANT SELECT ON lever.delivery, lever.app_user, lever.access_grant, lever.sealing_key, lever.host_key TO lever_auditor;
