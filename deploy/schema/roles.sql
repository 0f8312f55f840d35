-- The group roles and the schema. Runs as the login that installs, which must be allowed to create roles, and schemas
-- in this database. All other files run as lever_owner.
--
-- The roles have no login; grant them to the logins of administrators (lever_owner), mail hosts (lever_ingest), people
-- who read timelines (lever_reader) and services. Roles belong to the cluster, not to the database, so they may exist
-- already.

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'lever_owner', 'lever_ingest', 'lever_reader', 'lever_rekey', 'lever_retention', 'lever_auditor',
        'lever_operator']
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', name);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- Created at the same moment for another database of the cluster.
            END;
        END IF;
    END LOOP;

    -- PostgreSQL 16 distinguishes membership from the right to SET ROLE.
    IF NOT pg_has_role('lever_owner',
        CASE WHEN current_setting('server_version_num')::integer < 160000 THEN 'MEMBER' ELSE 'SET' END)
    THEN
        GRANT lever_owner, lever_reader TO CURRENT_USER;
    END IF;

    IF to_regnamespace('lever') IS NULL THEN
        EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
        CREATE SCHEMA lever AUTHORIZATION lever_owner;
    END IF;
END
$$;

-- Nobody may use what lever_owner creates unless it is granted.
ALTER DEFAULT PRIVILEGES FOR ROLE lever_owner REVOKE ALL ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE lever_owner REVOKE ALL ON TYPES FROM PUBLIC;
