-- Deleting what is older than its company keeps it.

-- Deletes at most `at_most` messages and as many delivery records that have expired, and returns the numbers deleted;
-- `messages` is NULL if the company keeps them without limit. `refusal` is NULL if the login may do this.
CREATE OR REPLACE FUNCTION lever.apply_retention(
    company bigint, at_most integer, OUT messages bigint, OUT records bigint, OUT refusal text
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    days integer;
    record_days integer;
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    IF NOT lever.may_erase('company') THEN
        refusal := lever.refuse_outsider('retention');
        RETURN;
    END IF;
    SELECT c.retention_days, least(c.delivery_days, c.retention_days) INTO days, record_days
    FROM lever.company AS c WHERE c.company_id = company;
    IF days IS NOT NULL THEN
        WITH expired AS (
            SELECT m.entry_id FROM lever.message AS m
            WHERE m.company_id = company AND m.accepted_at < now() - make_interval(days => days)
            ORDER BY m.accepted_at LIMIT at_most FOR UPDATE SKIP LOCKED)
        DELETE FROM lever.message AS m USING expired AS e WHERE m.company_id = company AND m.entry_id = e.entry_id;
        GET DIAGNOSTICS messages = ROW_COUNT;
    END IF;
    WITH expired AS (
        SELECT d.entry_id FROM lever.delivery AS d
        WHERE d.company_id = company AND d.accepted_at < now() - make_interval(days => record_days)
        ORDER BY d.accepted_at LIMIT at_most FOR UPDATE SKIP LOCKED)
    DELETE FROM lever.delivery AS d USING expired AS e WHERE d.company_id = company AND d.entry_id = e.entry_id;
    GET DIAGNOSTICS records = ROW_COUNT;
    IF messages > 0 THEN
        PERFORM lever.append_audit(
            'retention', true, NULL, NULL, NULL, format('%s messages older than %s days', messages, days));
    END IF;
END
$$;

-- Deletes at most `at_most` stray delivery records older than 90 days, for any login that works for some company.
CREATE OR REPLACE FUNCTION lever.delete_stray_records(at_most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    deleted bigint;
BEGIN
    IF cardinality(lever.granted_companies()) = 0 THEN
        RETURN 0;
    END IF;
    -- Rows of nobody's: another login may be deleting them in a transaction that it leaves open.
    WITH expired AS (
        SELECT d.company_id, d.entry_id FROM lever.delivery AS d
        WHERE d.is_stray AND d.accepted_at < now() - interval '90 days'
        ORDER BY d.accepted_at LIMIT at_most FOR UPDATE SKIP LOCKED)
    DELETE FROM lever.delivery AS d USING expired AS e
    WHERE d.company_id = e.company_id AND d.entry_id = e.entry_id;
    GET DIAGNOSTICS deleted = ROW_COUNT;
    RETURN deleted;
END
$$;
