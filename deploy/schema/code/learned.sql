-- What mail hosts keep in memory about companies on limited sync: learned ids with their threads and, where unsigned
-- markers are taken, addresses of candidates. Packed, 16 bytes each: the first 8 of the index, then the thread or
-- candidate; 0 for an id that two threads claim.
--
-- A host reads everything once, page by page, and later what changed since.

CREATE OR REPLACE FUNCTION lever.note_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    NEW.change := (pg_current_xact_id()::text)::bigint;
    RETURN NEW;
END
$$;
CREATE TRIGGER note_change BEFORE UPDATE OF email_index ON lever.candidate
    FOR EACH ROW EXECUTE FUNCTION lever.note_change();

-- Deleted ids are noted by their threads, whichever way they are deleted: mail hosts must forget them, and a row that
-- said which ids would keep them.
CREATE OR REPLACE FUNCTION lever.note_loss() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO lever.learned_loss AS l (company_id, thread_id, change)
    SELECT g.company_id, g.thread_id, (pg_current_xact_id()::text)::bigint FROM gone AS g
    GROUP BY g.company_id, g.thread_id ORDER BY g.company_id, g.thread_id
    ON CONFLICT (company_id, thread_id) DO UPDATE SET change = excluded.change;
    RETURN NULL;
END
$$;
CREATE TRIGGER note_loss AFTER DELETE ON lever.learned_id
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION lever.note_loss();

-- Changes that it does not show may be missing from pages read after it; pass it to the next lever.learned_since. A
-- snapshot and not the oldest number that is under way: a transaction that somebody leaves open would have every host
-- take the same again, and more each time.
CREATE OR REPLACE FUNCTION lever.learned_horizon() RETURNS pg_snapshot
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT pg_current_snapshot() $$;

-- The next page of learned ids. `packed` is NULL if none of them counts, and the others if there are no more.
CREATE OR REPLACE FUNCTION lever.learned_ids(
    after_company bigint, after_index bytea, at_most integer,
    OUT packed bytea, OUT last_company bigint, OUT last_index bytea
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    WITH page AS MATERIALIZED (
        SELECT l.company_id, l.id_index, CASE WHEN l.is_contested THEN 0 ELSE l.thread_id END AS thread_id
        FROM lever.learned_id AS l
        WHERE (l.company_id, l.id_index) > (after_company, after_index)
        ORDER BY l.company_id, l.id_index LIMIT at_most),
    newest AS (SELECT p.company_id, p.id_index FROM page AS p ORDER BY p.company_id DESC, p.id_index DESC LIMIT 1)
    SELECT (SELECT string_agg(substring(p.id_index FOR 8) || int8send(p.thread_id), ''::bytea)
            FROM page AS p JOIN lever.company AS c ON c.company_id = p.company_id AND c.sync = 'limited'),
        (SELECT company_id FROM newest), (SELECT id_index FROM newest)
$$;

-- The next page of candidates of companies that take unsigned markers.
CREATE OR REPLACE FUNCTION lever.known_candidates(
    after_company bigint, after_candidate bigint, at_most integer,
    OUT packed bytea, OUT last_company bigint, OUT last_candidate bigint
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('lever.companies', (
        SELECT coalesce(array_agg(c.company_id), '{}') FROM lever.company AS c
        WHERE c.sync = 'limited' AND c.unsigned_markers = 'known')::text, true);
    WITH page AS MATERIALIZED (
        SELECT d.company_id, d.candidate_id, d.email_index FROM lever.candidate AS d
        WHERE (d.company_id, d.candidate_id) > (after_company, after_candidate) AND d.anonymized_at IS NULL
            AND d.company_id = ANY (lever.batch_companies())
        ORDER BY d.company_id, d.candidate_id LIMIT at_most),
    newest AS (
        SELECT p.company_id, p.candidate_id FROM page AS p ORDER BY p.company_id DESC, p.candidate_id DESC LIMIT 1)
    SELECT (SELECT string_agg(substring(p.email_index FOR 8) || int8send(p.candidate_id), ''::bytea) FROM page AS p),
        (SELECT n.company_id FROM newest AS n), (SELECT n.candidate_id FROM newest AS n)
    INTO packed, last_company, last_candidate;
    PERFORM set_config('lever.companies', '', true);
END
$$;

-- Changes since a horizon. `is_whole` is false if there are more than `at_most` of a kind: read everything again.
--
-- Of forgotten threads and candidates a host forgets everything but what is in `threads` and `candidates`, which have
-- all that is left of these numbers, of every company. Which ids are contested is not known by thread, so contested
-- ones, of thread 0, are treated alike.
CREATE OR REPLACE FUNCTION lever.learned_since(
    since pg_snapshot, at_most integer, OUT threads bytea, OUT candidates bytea,
    OUT forgotten_threads bigint[], OUT forgotten_candidates bigint[], OUT is_whole boolean
)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- Rows of a restored database may have numbers of transactions that are yet to come.
    upper CONSTANT bigint := (pg_snapshot_xmax(pg_current_snapshot())::text)::bigint;
    -- The oldest transaction that was under way then, the next to come, and those between that were under way.
    oldest CONSTANT bigint := (pg_snapshot_xmin(since)::text)::bigint;
    next CONSTANT bigint := (pg_snapshot_xmax(since)::text)::bigint;
    open CONSTANT bigint[] := ARRAY(SELECT (x::text)::bigint FROM pg_snapshot_xip(since) AS x);
    companies text;
    found bigint;
    more bigint;
BEGIN
    SELECT array_agg(l.thread_id), array_agg(DISTINCT l.company_id)::text INTO forgotten_threads, companies FROM (
        SELECT o.company_id, o.thread_id FROM lever.learned_loss AS o
        JOIN lever.company AS c ON c.company_id = o.company_id AND c.sync = 'limited'
        WHERE o.change >= oldest AND o.change < upper
            AND (o.change >= next OR o.change = ANY (open)) LIMIT at_most + 1) AS l;
    IF forgotten_threads IS NOT NULL THEN
        forgotten_threads := forgotten_threads || 0::bigint;
    END IF;
    PERFORM set_config('lever.companies', coalesce(companies, ''), true);
    SELECT string_agg(substring(p.id_index FOR 8) || int8send(p.thread_id), ''::bytea), count(*) INTO threads, found
    FROM (
        SELECT l.id_index, CASE WHEN l.is_contested THEN 0 ELSE l.thread_id END AS thread_id
        FROM (
            SELECT l.* FROM lever.learned_id AS l WHERE l.change >= oldest AND l.change < upper
                AND (l.change >= next OR l.change = ANY (open))
            UNION
            SELECT l.* FROM lever.learned_loss AS o
            JOIN lever.message AS m ON m.company_id = o.company_id AND m.thread_id = o.thread_id
            JOIN lever.learned_id AS l ON l.company_id = m.company_id AND l.entry_id = m.entry_id
            WHERE o.change >= oldest AND o.change < upper AND (o.change >= next OR o.change = ANY (open))
            UNION
            SELECT l.* FROM lever.learned_id AS l WHERE l.is_contested AND forgotten_threads IS NOT NULL) AS l
        JOIN lever.company AS c ON c.company_id = l.company_id AND c.sync = 'limited'
        LIMIT at_most + 1) AS p;
    PERFORM set_config('lever.companies', (
        SELECT coalesce(array_agg(c.company_id), '{}') FROM lever.company AS c
        WHERE c.sync = 'limited' AND c.unsigned_markers = 'known')::text, true);
    SELECT array_agg(d.candidate_id) INTO forgotten_candidates FROM (
        SELECT d.candidate_id FROM lever.candidate AS d
        WHERE d.change >= oldest AND d.change < upper
            AND (d.change >= next OR d.change = ANY (open)) AND d.anonymized_at IS NOT NULL
            AND d.company_id = ANY (lever.batch_companies()) LIMIT at_most + 1) AS d;
    SELECT string_agg(substring(p.email_index FOR 8) || int8send(p.candidate_id), ''::bytea), count(*)
    INTO candidates, more
    FROM (
        SELECT d.company_id, d.email_index, d.candidate_id FROM lever.candidate AS d
        WHERE d.change >= oldest AND d.change < upper
            AND (d.change >= next OR d.change = ANY (open)) AND d.anonymized_at IS NULL
            AND d.company_id = ANY (lever.batch_companies())
        UNION
        -- Candidates of other companies have the same numbers.
        SELECT d.company_id, d.email_index, d.candidate_id FROM lever.candidate AS d
        WHERE d.company_id = ANY (lever.batch_companies()) AND d.candidate_id = ANY (forgotten_candidates)
            AND d.anonymized_at IS NULL
        LIMIT at_most + 1) AS p;
    PERFORM set_config('lever.companies', '', true);
    is_whole := greatest(
        found, more, coalesce(cardinality(forgotten_threads), 0), coalesce(cardinality(forgotten_candidates), 0))
        <= at_most;
END
$$;
