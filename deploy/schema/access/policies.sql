-- Row-level security on everything that belongs to a company, for the owner too. The functions are those of
-- code/session.sql; as a subquery they are called once a statement.

DO $$
DECLARE
    name text;
BEGIN
    FOR name IN
        SELECT c.relname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'company_id'
        WHERE c.relnamespace = 'lever'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        ORDER BY 1
    LOOP
        EXECUTE format('ALTER TABLE lever.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
    END LOOP;

    -- The owner: what administrators set up, for every company; what was captured, for the current one.
    FOREACH name IN ARRAY ARRAY[
        'company', 'company_domain', 'company_secret', 'sealing_key', 'never_log', 'address_index', 'app_user',
        'access_grant', 'learned_id', 'learned_loss', 'withdrawn_thread', 'candidate_number']
    LOOP
        EXECUTE format('CREATE POLICY owner_every_company ON lever.%I TO lever_owner USING (true)', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY[
        'candidate', 'thread', 'message', 'message_key', 'message_part', 'message_dedupe', 'delivery', 'address',
        'audit', 'audit_head', 'mail_account', 'send_grant', 'outbox', 'outbox_part', 'former_head']
    LOOP
        EXECUTE format(
            'CREATE POLICY owner_one_company ON lever.%I TO lever_owner USING (company_id = lever.current_company())',
            name);
    END LOOP;

    -- Functions that mail hosts call run as the owner, on the companies of a batch.
    FOREACH name IN ARRAY ARRAY[
        'candidate', 'thread', 'message', 'message_key', 'message_part', 'message_dedupe', 'delivery', 'former_head']
    LOOP
        EXECUTE format(
            'CREATE POLICY owner_batch ON lever.%I TO lever_owner '
            'USING (company_id = ANY ((SELECT lever.batch_companies())::bigint[]))', name);
    END LOOP;

    -- The names of a login's own companies.
    FOREACH name IN ARRAY ARRAY['company', 'company_domain'] LOOP
        EXECUTE format(
            'CREATE POLICY own_companies ON lever.%I FOR SELECT '
            'TO lever_reader, lever_rekey, lever_retention, lever_auditor '
            'USING (company_id = ANY ((SELECT lever.own_companies())::bigint[]))', name);
    END LOOP;

    -- Services that were granted access: re-wrapping and auditing, in the current company.
    FOREACH name IN ARRAY ARRAY['message', 'message_key', 'candidate', 'address', 'mail_account', 'outbox'] LOOP
        EXECUTE format(
            'CREATE POLICY rekey ON lever.%I FOR SELECT TO lever_rekey '
            'USING (company_id = (SELECT lever.granted_company()))', name);
    END LOOP;
    CREATE POLICY rekey ON lever.sealing_key FOR SELECT TO lever_rekey
        USING (company_id = (SELECT lever.granted_company()));
    FOREACH name IN ARRAY ARRAY['delivery', 'thread', 'app_user', 'access_grant', 'sealing_key', 'audit', 'audit_head']
    LOOP
        EXECUTE format(
            'CREATE POLICY auditor ON lever.%I FOR SELECT TO lever_auditor '
            'USING (company_id = (SELECT lever.granted_company()))', name);
    END LOOP;
END
$$;

-- Readers, by their role in the current company.
CREATE POLICY reader ON lever.thread FOR SELECT TO lever_reader USING (
    company_id = (SELECT lever.user_company())
    AND ((SELECT lever.sees_every_thread()) OR lever.sees_thread(thread_id)));
CREATE POLICY reader ON lever.message FOR SELECT TO lever_reader USING (
    company_id = (SELECT lever.user_company())
    AND ((SELECT lever.sees_every_thread()) OR lever.sees_thread(thread_id)));
CREATE POLICY reader ON lever.message_part FOR SELECT TO lever_reader USING (
    company_id = (SELECT lever.user_company()) AND EXISTS (
        SELECT FROM lever.message AS m
        WHERE m.company_id = message_part.company_id AND m.entry_id = message_part.entry_id));
CREATE POLICY reader ON lever.candidate FOR SELECT TO lever_reader USING (
    company_id = (SELECT lever.user_company()) AND (
        (SELECT lever.product_role()) <> 'limited_team_member' OR EXISTS (
            SELECT FROM lever.thread AS t
            WHERE t.company_id = candidate.company_id AND t.candidate_id = candidate.candidate_id)));
CREATE POLICY reader ON lever.delivery FOR SELECT TO lever_reader USING (
    company_id = (SELECT lever.user_company()) AND (SELECT lever.sees_every_thread()));
-- Users see what they wrote themselves, admins what everybody wrote.
CREATE POLICY reader ON lever.outbox FOR SELECT TO lever_reader USING (
    company_id = (SELECT lever.user_company()) AND (login = session_user OR (SELECT lever.sees_every_thread())));

-- Operators ask about all of their companies at once and name none. Stray records are nobody's.
CREATE POLICY operator ON lever.company FOR SELECT TO lever_operator
    USING (company_id = ANY ((SELECT lever.granted_companies())::bigint[]));
CREATE POLICY operator ON lever.delivery FOR SELECT TO lever_operator
    USING (is_stray OR company_id = ANY ((SELECT lever.granted_companies())::bigint[]));
CREATE POLICY owner_stray ON lever.delivery FOR SELECT TO lever_owner USING (is_stray);
-- A row is locked before it is deleted.
CREATE POLICY owner_lock_stray ON lever.delivery FOR UPDATE TO lever_owner USING (is_stray) WITH CHECK (false);
CREATE POLICY owner_delete_stray ON lever.delivery FOR DELETE TO lever_owner USING (is_stray);
