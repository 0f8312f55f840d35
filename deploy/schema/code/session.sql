-- Who the session is, and what it sees.
--
-- A session names one company in the setting lever.company. What it sees of that company depends on its login (the
-- session's, whatever role it has set); without a right to the company it sees nothing.

CREATE OR REPLACE FUNCTION lever.current_company() RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('lever.company', true), '')::bigint;

-- The companies of the batch that lever.ingest and its like work on.
CREATE OR REPLACE FUNCTION lever.batch_companies() RETURNS bigint[]
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('lever.companies', true), '')::bigint[];

-- The role of the session's login among the users of the current company; NULL if it is not one of them.
CREATE OR REPLACE FUNCTION lever.product_role() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (
        SELECT u.role FROM lever.app_user AS u
        WHERE u.company_id = lever.current_company() AND u.login = session_user AND u.disabled_at IS NULL);
END
$$;

-- The current company, if the session's login is one of its users.
CREATE OR REPLACE FUNCTION lever.user_company() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT lever.current_company() WHERE lever.product_role() IS NOT NULL $$;

-- The current company, if the session's login was granted access to it.
CREATE OR REPLACE FUNCTION lever.granted_company() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT company_id FROM lever.access_grant WHERE company_id = lever.current_company() AND login = session_user
$$;

-- Every company that the session's login was granted access to.
CREATE OR REPLACE FUNCTION lever.granted_companies() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT array(SELECT company_id FROM lever.access_grant WHERE login = session_user) $$;

-- Every company that the session's login may name.
CREATE OR REPLACE FUNCTION lever.own_companies() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT array(
        SELECT company_id FROM lever.app_user WHERE login = session_user AND disabled_at IS NULL
        UNION
        SELECT company_id FROM lever.access_grant WHERE login = session_user)
$$;

CREATE OR REPLACE FUNCTION lever.sees_every_thread() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT coalesce(lever.product_role() IN ('super_admin', 'admin'), false) $$;

-- Whether the session's login sent or received a message of the thread. Plans go by the thread, and do not read every
-- message of the company.
CREATE OR REPLACE FUNCTION lever.takes_part(thread bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off
AS $$
DECLARE
    company CONSTANT bigint := lever.current_company();
    versions smallint[];
    indices bytea[];
BEGIN
    SELECT array_agg(a.index_version), array_agg(a.email_index) INTO versions, indices
    FROM lever.app_user AS u
    JOIN lever.address_index AS a ON a.company_id = u.company_id AND a.entry_id = u.address_id
    WHERE u.company_id = company AND u.login = session_user;
    RETURN EXISTS (
        SELECT FROM lever.message AS m
        WHERE m.company_id = company AND m.thread_id = thread AND EXISTS (
            SELECT FROM unnest(versions, indices) AS own (version, index)
            WHERE own.version = m.index_version
                AND (own.index = m.sender_index OR own.index = ANY (m.recipient_indices))));
END
$$;

-- Admins see every thread; team members those that are not secret, those they made secret, and those they take part
-- in; limited team members those they take part in.
CREATE OR REPLACE FUNCTION lever.sees_thread(thread bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN coalesce(
        CASE lever.product_role()
            WHEN 'super_admin' THEN true
            WHEN 'admin' THEN true
            WHEN 'team_member' THEN (
                SELECT t.secret_by IS NULL OR t.secret_by = session_user OR lever.takes_part(thread)
                FROM lever.thread AS t WHERE t.company_id = lever.current_company() AND t.thread_id = thread)
            WHEN 'limited_team_member' THEN lever.takes_part(thread)
        END, false);
END
$$;

-- Whether the session's user sees the candidate: limited team members see those of whose threads they see one.
CREATE OR REPLACE FUNCTION lever.sees_candidate(candidate bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN coalesce(lever.product_role() <> 'limited_team_member', false) OR EXISTS (
        SELECT FROM lever.thread AS t
        WHERE t.company_id = lever.current_company() AND t.candidate_id = candidate AND lever.sees_thread(t.thread_id));
END
$$;
