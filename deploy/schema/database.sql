-- The schema's owner and the limits of the database. Runs as the login that installs, once it may work as lever_owner.

DO $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_namespace WHERE nspname = 'lever' AND nspowner = 'lever_owner'::regrole)
    THEN
        ALTER SCHEMA lever OWNER TO lever_owner;
    END IF;
END
$$;

-- What lets a login fill the disk or hold sessions open at everybody's expense, as far as the installing login may take
-- it away; leverctl check tells what is left. Settings that somebody made are kept.
DO $$
DECLARE
    owns CONSTANT boolean := (
        SELECT pg_has_role(d.datdba, 'USAGE') FROM pg_database AS d WHERE d.datname = current_database());
    is_superuser CONSTANT boolean := (SELECT rolsuper FROM pg_roles WHERE rolname = current_user);
    made CONSTANT text[] := (
        SELECT array_agg(split_part(s.setting, '=', 1)) FROM (
            SELECT unnest(setconfig) AS setting FROM pg_db_role_setting AS r JOIN pg_database AS d ON d.oid = r.setdatabase
            WHERE d.datname = current_database() AND r.setrole = 0) AS s);
    item record;
BEGIN
    IF owns THEN
        EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
        IF to_regnamespace('public') IS NOT NULL THEN
            REVOKE CREATE ON SCHEMA public FROM PUBLIC;
        END IF;
    END IF;
    IF is_superuser THEN
        -- Large objects.
        FOR item IN
            SELECT p.oid::regprocedure AS function FROM pg_proc AS p
            WHERE p.pronamespace = 'pg_catalog'::regnamespace
                AND p.proname IN ('lo_creat', 'lo_create', 'lo_from_bytea', 'lo_import')
                AND has_function_privilege('public', p.oid, 'EXECUTE')
        LOOP
            EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', item.function);
        END LOOP;
    END IF;
    FOR item IN
        SELECT * FROM (VALUES
            ('idle_in_transaction_session_timeout', '1min', owns), ('lock_timeout', '10s', owns),
            ('statement_timeout', '5min', owns), ('temp_file_limit', '1GB', is_superuser)) AS s (name, value, may_set)
    LOOP
        IF item.may_set AND NOT item.name = ANY (coalesce(made, '{}')) THEN
            EXECUTE format('ALTER DATABASE %I SET %I = %L', current_database(), item.name, item.value);
        END IF;
    END LOOP;
END
$$;
