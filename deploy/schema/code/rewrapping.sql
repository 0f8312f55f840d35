-- Re-wrapping: heads are exchanged by these functions alone, which check the new head, write the audit and keep the old
-- head. Whether a key opens a head, only who has the key can tell: so old heads are kept until one of the keys that they
-- name is destroyed.

-- Records that heads are about to be unwrapped with a private key and wrapped again. Returns the refusal, or NULL.
CREATE OR REPLACE FUNCTION lever.record_rewrapping(company bigint, reason text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    IF lever.granted_company() IS NULL THEN
        RETURN lever.refuse_outsider('rewrap');
    END IF;
    PERFORM lever.append_audit('rewrap', true, NULL, NULL, NULL, reason);
    RETURN NULL;
END
$$;

-- The head of an entry, whose row is locked until the transaction ends; NULL if there is none.
CREATE OR REPLACE FUNCTION lever.lock_head(company bigint, kind text, entry uuid) RETURNS bytea
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    head bytea;
BEGIN
    IF kind NOT IN ('message_key', 'candidate', 'address', 'mail_account', 'outbox') THEN
        RAISE 'no such kind of head' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    EXECUTE format('SELECT head FROM lever.%I WHERE company_id = $1 AND entry_id = $2 FOR NO KEY UPDATE', kind)
    INTO head USING company, entry;
    RETURN head;
END
$$;

-- Puts a head in the place of another. The keys' ids are those of the head.
CREATE OR REPLACE FUNCTION lever.put_head(company bigint, kind text, entry uuid, head bytea) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE format('UPDATE lever.%I SET head = $3 WHERE company_id = $1 AND entry_id = $2', kind)
    USING company, entry, head;
    IF kind = 'message_key' THEN
        UPDATE lever.message AS m SET key_ids = lever.head_key_ids(put_head.head)
        WHERE m.company_id = company AND m.entry_id = entry;
    ELSIF kind = 'outbox' THEN
        UPDATE lever.outbox AS o SET key_ids = lever.head_key_ids(put_head.head)
        WHERE o.company_id = company AND o.entry_id = entry;
    END IF;
END
$$;

-- Whether a new head may take an old one's place: the same content, wrapped for exactly the keys that are sealed to
-- now. An administrator also takes recipients away.
CREATE OR REPLACE FUNCTION lever.may_replace_head(
    old_head bytea, new_head bytea, live_keys bytea[], is_owner boolean
) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    old CONSTANT record := lever.read_head(old_head);
    new CONSTANT record := lever.read_head(new_head);
    keys CONSTANT bytea[] := lever.head_key_ids(new_head);
BEGIN
    RETURN coalesce(
        new.content = old.content AND cardinality(new.recipients) > 0
        AND (keys <@ live_keys AND keys @> live_keys AND cardinality(keys) = cardinality(live_keys)
            OR is_owner AND new.recipients <@ old.recipients), false);
END
$$;

-- Replaces heads. An entry whose head is not the expected one has been changed meanwhile, and is left alone. All are
-- refused if one of the new heads is not what re-wrapping makes.
CREATE OR REPLACE FUNCTION lever.replace_heads(
    company bigint, kinds text[], entries uuid[], expected bytea[], heads bytea[],
    OUT replaced integer, OUT refusal text
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    is_owner CONSTANT boolean := pg_has_role(session_user, 'lever_owner', 'MEMBER');
    live_keys CONSTANT bytea[] := ARRAY(
        SELECT k.key_id FROM lever.sealing_key AS k
        WHERE k.company_id = company AND k.state IN ('distributed', 'primary'));
    is_replaced boolean[] := '{}';
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    replaced := 0;
    IF lever.granted_company() IS NULL AND NOT is_owner THEN
        refusal := lever.refuse_outsider('rewrap');
        RETURN;
    END IF;
    -- In the order in which an erasure takes its locks: candidate, audit, messages.
    IF 'message_key' = ANY (kinds) THEN
        PERFORM FROM lever.audit_head AS h WHERE h.company_id = company FOR UPDATE;
    END IF;
    FOR place IN 1..cardinality(entries) LOOP
        is_replaced[place] := coalesce(
            lever.lock_head(company, kinds[place], entries[place]) = expected[place], false);
        IF is_replaced[place] AND NOT lever.may_replace_head(expected[place], heads[place], live_keys, is_owner) THEN
            refusal := 'a head is not what re-wrapping makes';
            PERFORM lever.append_audit('rewrap', false, entries[place], NULL, NULL, refusal);
            RETURN;
        END IF;
    END LOOP;
    FOR place IN 1..cardinality(entries) LOOP
        IF is_replaced[place] THEN
            PERFORM lever.put_head(company, kinds[place], entries[place], heads[place]);
            replaced := replaced + 1;
        END IF;
    END LOOP;
    IF replaced > 0 THEN
        PERFORM lever.keep_former_heads(
            company, lever.append_audit('rewrap', true, NULL, NULL, NULL, format('%s heads exchanged', replaced)),
            kinds, entries, expected, is_replaced);
    END IF;
END
$$;

-- Keeps the heads that were replaced, but for those that name a key that is destroyed.
CREATE OR REPLACE FUNCTION lever.keep_former_heads(
    company bigint, row_number bigint, kinds text[], entries uuid[], heads bytea[], is_replaced boolean[]
) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO lever.former_head (company_id, entry_id, audit_seq, kind, head)
    SELECT company, f.entry, row_number, f.kind, f.head
    FROM unnest(kinds, entries, heads, is_replaced) AS f (kind, entry, head, is_replaced)
    WHERE f.is_replaced AND NOT lever.head_key_ids(f.head) && ARRAY(
        SELECT k.key_id FROM lever.sealing_key AS k WHERE k.company_id = company AND k.state = 'destroyed');
END
$$;

-- Puts back the heads that re-wrapping replaced in these rows of the audit, at most so many at a time; the heads that
-- were there are kept in turn. Returns how many; call it until there are none.
CREATE OR REPLACE FUNCTION lever.restore_heads(
    company bigint, first_row bigint, last_row bigint, at_most integer
) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    kinds text[];
    entries uuid[];
    heads bytea[];
    present bytea[] := '{}';
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    IF NOT pg_has_role(session_user, 'lever_owner', 'MEMBER') THEN
        RAISE 'administrators put heads back' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM FROM lever.audit_head AS h WHERE h.company_id = company FOR UPDATE;
    SELECT array_agg(f.kind), array_agg(f.entry_id), array_agg(f.head) INTO kinds, entries, heads FROM (
        SELECT DISTINCT ON (h.entry_id) h.kind, h.entry_id, h.head FROM lever.former_head AS h
        WHERE h.company_id = company AND h.audit_seq BETWEEN first_row AND last_row
        ORDER BY h.entry_id, h.audit_seq LIMIT at_most) AS f;
    IF entries IS NULL THEN
        RETURN 0;
    END IF;
    FOR place IN 1..cardinality(entries) LOOP
        present[place] := lever.lock_head(company, kinds[place], entries[place]);
        PERFORM lever.put_head(company, kinds[place], entries[place], heads[place]);
    END LOOP;
    DELETE FROM lever.former_head AS h
    WHERE h.company_id = company AND h.entry_id = ANY (entries) AND h.audit_seq BETWEEN first_row AND last_row;
    PERFORM lever.keep_former_heads(
        company, lever.append_audit(
            'rewrap', true, NULL, NULL, NULL,
            format('%s heads put back as before row %s', cardinality(entries), first_row)),
        kinds, entries, present, ARRAY(SELECT p.head IS NOT NULL FROM unnest(present) AS p (head)));
    RETURN cardinality(entries);
END
$$;

-- What was erased has no former head either. RLS hides the rows of other companies than the batch's, so the batch is
-- the row's company meanwhile.
CREATE OR REPLACE FUNCTION lever.delete_former_heads() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    batch CONSTANT text := current_setting('lever.companies', true);
BEGIN
    PERFORM set_config('lever.companies', ARRAY[OLD.company_id]::text, true);
    DELETE FROM lever.former_head WHERE company_id = OLD.company_id AND entry_id = OLD.entry_id;
    PERFORM set_config('lever.companies', batch, true);
    RETURN NULL;
END
$$;
CREATE TRIGGER delete_former_heads AFTER DELETE ON lever.message_key
    FOR EACH ROW EXECUTE FUNCTION lever.delete_former_heads();
CREATE TRIGGER delete_former_heads AFTER DELETE ON lever.address
    FOR EACH ROW EXECUTE FUNCTION lever.delete_former_heads();
CREATE TRIGGER delete_former_heads AFTER DELETE OR UPDATE OF entry_id ON lever.mail_account
    FOR EACH ROW EXECUTE FUNCTION lever.delete_former_heads();
CREATE TRIGGER delete_former_heads AFTER DELETE ON lever.outbox
    FOR EACH ROW EXECUTE FUNCTION lever.delete_former_heads();
CREATE TRIGGER delete_shredded_heads AFTER UPDATE OF head ON lever.candidate
    FOR EACH ROW WHEN (NEW.head IS NULL) EXECUTE FUNCTION lever.delete_former_heads();
CREATE TRIGGER delete_shredded_heads AFTER UPDATE OF head ON lever.address
    FOR EACH ROW WHEN (NEW.head IS NULL) EXECUTE FUNCTION lever.delete_former_heads();
