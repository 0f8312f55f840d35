-- Roles and the schema. Runs as the login that installs, which must be allowed to create roles and schemas here.
--
-- The roles are groups without login: grant them to the logins of mail hosts (lever_ingest), administrators
-- (lever_owner) and people who read timelines (lever_reader). Roles are the cluster's, not the database's: they may be
-- there already.

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'lever_owner', 'lever_ingest', 'lever_reader', 'lever_rekey', 'lever_retention', 'lever_auditor']
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', name);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL; -- Made this moment, for another database of the cluster.
            END;
        END IF;
    END LOOP;

    -- PostgreSQL 16 tells membership from the right to SET ROLE.
    IF NOT pg_has_role('lever_owner',
        CASE WHEN current_setting('server_version_num')::integer < 160000 THEN 'MEMBER' ELSE 'SET' END)
    THEN
        GRANT lever_owner, lever_reader TO CURRENT_USER;
    END IF;

    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END
$$;

CREATE SCHEMA lever AUTHORIZATION lever_owner;

SET LOCAL ROLE lever_owner;

ALTER DEFAULT PRIVILEGES REVOKE ALL ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON TYPES FROM PUBLIC;
GRANT USAGE ON SCHEMA lever TO lever_ingest, lever_reader;

-- One row for each of these files that was applied.
CREATE TABLE lever.schema_version (
    version smallint PRIMARY KEY CHECK (version > 0),
    name text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT ON lever.schema_version TO lever_reader;
