-- Functions that CHECK constraints call. They are replaced in place before anything else is applied: a constraint keeps
-- its function from being dropped. They name every operator's schema, since a search_path of their own would cost each
-- call.

CREATE OR REPLACE FUNCTION lever.each_has_length(items bytea[], bytes integer) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    item bytea;
BEGIN
    IF pg_catalog.array_ndims(items) OPERATOR(pg_catalog.>) 1 THEN
        RETURN false;
    END IF;
    FOREACH item IN ARRAY items LOOP
        IF coalesce(pg_catalog.octet_length(item) OPERATOR(pg_catalog.<>) bytes, true) THEN
            RETURN false;
        END IF;
    END LOOP;
    RETURN true;
END
$$;

COMMENT ON FUNCTION lever.each_has_length IS 'Whether every item of a list has this many bytes; NULL items have none';

CREATE OR REPLACE FUNCTION lever.is_domain(value text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN pg_catalog.length(value) OPERATOR(pg_catalog.<=) 253
    AND value OPERATOR(pg_catalog.~) '^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$';

COMMENT ON FUNCTION lever.is_domain IS
    'Whether a text is a domain in normal form: ASCII, lower case, internationalised labels as xn--';
