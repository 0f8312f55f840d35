-- Lets the login that installs work as lever_owner. Runs as that login.
--
-- The roles belong to the cluster, so another login may have created them: for another database, or as a superuser.
-- Before PostgreSQL 16 a login that may create roles can grant any of them; since then only one that has the role WITH
-- ADMIN OPTION can, as the login has that created it. Membership is no longer the right to SET ROLE either.

DO $$
DECLARE
    is_16 CONSTANT boolean := current_setting('server_version_num')::integer >= 160000;
BEGIN
    -- Without the role, a schema of this name is somebody else's.
    IF to_regrole('lever_owner') IS NULL
        OR pg_has_role('lever_owner', CASE WHEN is_16 THEN 'SET' ELSE 'MEMBER' END)
    THEN
        RETURN;
    END IF;
    GRANT lever_owner TO CURRENT_USER;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE SQLSTATE 'LV002' USING MESSAGE = (
        SELECT format(
            'the login %I may not work as lever_owner, nor grant it to itself; as %s: GRANT %s TO %I WITH ADMIN OPTION; '
            'then run init-db again',
            current_user,
            -- A superuser can always.
            coalesce((SELECT string_agg(format('%I or ', r.rolname), '' ORDER BY r.rolname)
                FROM pg_auth_members AS m JOIN pg_roles AS r ON r.oid = m.member
                WHERE m.roleid = 'lever_owner'::regrole AND m.admin_option AND r.rolcanlogin AND NOT r.rolsuper), '')
                || 'a superuser',
            (SELECT string_agg(g.rolname, ', ' ORDER BY g.oid) FROM pg_roles AS g
                WHERE g.rolname ~ '^lever_' AND NOT g.rolcanlogin),
            current_user));
END
$$;
