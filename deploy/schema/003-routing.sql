-- What the filter must know to decide about a message, one fact a row, and the news that it changed.

SET LOCAL ROLE lever_owner;

CREATE VIEW lever.routing (company_id, item, name, version, value) AS
    SELECT company_id, 'company', sync, 0::smallint, ''::bytea FROM lever.company
    UNION ALL
    SELECT company_id, 'domain', domain, 0::smallint, ''::bytea FROM lever.company_domain
    UNION ALL
    SELECT company_id, 'sealing_key', '', 0::smallint, public_key FROM lever.sealing_key WHERE state = 'active'
    UNION ALL
    SELECT company_id, kind || '_key', '', version, secret FROM lever.company_secret WHERE retired_at IS NULL;

GRANT SELECT ON lever.routing TO lever_ingest;

CREATE FUNCTION lever.announce_routing() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NOTIFY lever_routing;
    RETURN NULL;
END
$$;

CREATE TRIGGER announce_routing AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON lever.company
    FOR EACH STATEMENT EXECUTE FUNCTION lever.announce_routing();
CREATE TRIGGER announce_routing AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON lever.company_domain
    FOR EACH STATEMENT EXECUTE FUNCTION lever.announce_routing();
CREATE TRIGGER announce_routing AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON lever.company_secret
    FOR EACH STATEMENT EXECUTE FUNCTION lever.announce_routing();
CREATE TRIGGER announce_routing AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON lever.sealing_key
    FOR EACH STATEMENT EXECUTE FUNCTION lever.announce_routing();
