-- The group roles and the schema. Runs as the login that installs, which must be allowed to create roles, and schemas
-- in this database.
--
-- The roles have no login; grant them to the logins of administrators (lever_owner), mail hosts (lever_ingest), people
-- who read timelines (lever_reader) and services. Roles belong to the cluster, not to the database, so they may exist
-- already.

DO $$
DECLARE
    name text;
BEGIN
    -- First: of two installations one waits here, and then fails and begins again.
    IF to_regnamespace('lever') IS NULL THEN
        CREATE SCHEMA lever;
    END IF;

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
END
$$;
