-- Drops everything that code/ and access/ create, and the privileges of the group roles. Steps that follow work on bare
-- tables: no trigger fires, no policy hides a row from the owner, and no view or function depends on a column.
--
-- A function that a constraint calls stays; checks.sql replaces it. What the other files create is nobody's but the
-- owner's until grants.sql.

DO $$
DECLARE
    item record;
    functions text;
BEGIN
    FOR item IN
        SELECT p.polname AS name, p.polrelid::regclass AS relation FROM pg_policy AS p
        JOIN pg_class AS c ON c.oid = p.polrelid WHERE c.relnamespace = 'lever'::regnamespace
    LOOP
        EXECUTE format('DROP POLICY %I ON %s', item.name, item.relation);
    END LOOP;

    FOR item IN
        SELECT c.oid::regclass AS relation FROM pg_class AS c
        WHERE c.relnamespace = 'lever'::regnamespace AND c.relrowsecurity AND NOT c.relispartition
    LOOP
        EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY', item.relation);
    END LOOP;

    -- Not a trigger of somebody else's, which calls a function of theirs.
    FOR item IN
        SELECT t.tgname AS name, t.tgrelid::regclass AS relation FROM pg_trigger AS t
        JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_proc AS p ON p.oid = t.tgfoid
        WHERE c.relnamespace = 'lever'::regnamespace AND p.pronamespace = 'lever'::regnamespace
            AND NOT t.tgisinternal AND t.tgparentid = 0
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', item.name, item.relation);
    END LOOP;

    FOR item IN
        SELECT c.oid::regclass AS relation FROM pg_class AS c
        WHERE c.relnamespace = 'lever'::regnamespace AND c.relkind = 'v'
    LOOP
        EXECUTE format('DROP VIEW %s', item.relation);
    END LOOP;

    -- In one statement, since some of them depend on others.
    SELECT string_agg(p.oid::regprocedure::text, ', ') INTO functions FROM pg_proc AS p
    WHERE p.pronamespace = 'lever'::regnamespace AND NOT EXISTS (
        SELECT FROM pg_depend AS d
        WHERE d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid
            AND d.classid IN ('pg_constraint'::regclass, 'pg_attrdef'::regclass));
    IF functions IS NOT NULL THEN
        EXECUTE 'DROP FUNCTION ' || functions;
    END IF;
END
$$;

REVOKE ALL ON SCHEMA lever FROM
    PUBLIC, lever_ingest, lever_reader, lever_rekey, lever_retention, lever_auditor, lever_operator;
REVOKE ALL ON ALL TABLES IN SCHEMA lever FROM
    PUBLIC, lever_ingest, lever_reader, lever_rekey, lever_retention, lever_auditor, lever_operator;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA lever FROM
    PUBLIC, lever_ingest, lever_reader, lever_rekey, lever_retention, lever_auditor, lever_operator;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA lever FROM
    PUBLIC, lever_ingest, lever_reader, lever_rekey, lever_retention, lever_auditor, lever_operator;

-- What is created from here on nobody may use unless it is granted.
ALTER DEFAULT PRIVILEGES REVOKE ALL ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE ALL ON TYPES FROM PUBLIC;
