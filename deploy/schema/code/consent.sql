-- The super admin's choice between limited and full sync, and what each user agrees to under it.

-- Chooses limited or full sync. Nothing captured is deleted; under limited sync nobody's mailbox is read any more.
-- Returns the refusal, or NULL.
CREATE OR REPLACE FUNCTION lever.choose_sync(company bigint, choice text, reason text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found lever.company;
    refusal text;
BEGIN
    refusal := lever.begin_action(company, 'sync');
    IF refusal IS NOT NULL THEN
        RETURN refusal;
    ELSIF lever.product_role() <> 'super_admin' THEN
        refusal := 'only a super admin chooses';
    ELSIF choice IS NULL OR choice NOT IN ('limited', 'full') THEN
        refusal := 'no such choice';
    ELSE
        SELECT * INTO STRICT found FROM lever.company AS c WHERE c.company_id = company FOR NO KEY UPDATE;
        IF choice = 'limited' AND found.provider = 'exchange' THEN
            refusal := 'on-premise Exchange has no limited sync';
        ELSIF choice = 'full' AND found.full_sync_ready_at IS NULL THEN
            refusal := 'full sync is not set up for this company';
        END IF;
    END IF;
    PERFORM lever.audit_attempt('sync', refusal, NULL, NULL, NULL, concat_ws(': ', choice, nullif(reason, '')));
    IF refusal IS NULL THEN
        -- Mail hosts read routing again after every update, also of no row.
        IF found.sync <> choice THEN
            UPDATE lever.company AS c SET sync = choice WHERE c.company_id = company;
        END IF;
        IF choice = 'limited' THEN
            UPDATE lever.app_user AS u SET read_granted_at = NULL
            WHERE u.company_id = company AND u.read_granted_at IS NOT NULL;
        END IF;
    END IF;
    RETURN refusal;
END
$$;

-- The session's user agrees, or withdraws: to sending under limited sync, to sending and reading under full sync.
-- Returns the refusal, or NULL.
CREATE OR REPLACE FUNCTION lever.opt_in(company bigint, agrees boolean) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    level text;
    refusal text := lever.begin_action(company, 'opt-in');
BEGIN
    IF refusal IS NOT NULL THEN
        RETURN refusal;
    END IF;
    SELECT c.sync INTO STRICT level FROM lever.company AS c WHERE c.company_id = company FOR SHARE;
    IF agrees AND level = 'off' THEN
        refusal := 'the company has chosen no sync';
    END IF;
    PERFORM lever.audit_attempt('opt-in', refusal, NULL, NULL, NULL, CASE
        WHEN agrees IS NOT TRUE THEN 'withdrawn' WHEN level = 'full' THEN 'send, read' ELSE 'send' END);
    IF refusal IS NULL THEN
        UPDATE lever.app_user AS u SET
            send_granted_at = CASE WHEN agrees THEN coalesce(u.send_granted_at, now()) END,
            read_granted_at = CASE WHEN agrees AND level = 'full' THEN coalesce(u.read_granted_at, now()) END
        WHERE u.company_id = company AND u.login = session_user;
    END IF;
    RETURN refusal;
END
$$;

-- What the session's user has agreed to.
CREATE OR REPLACE FUNCTION lever.own_grants(company bigint, OUT may_send boolean, OUT may_read boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    SELECT u.send_granted_at IS NOT NULL, u.read_granted_at IS NOT NULL INTO may_send, may_read FROM lever.app_user AS u
    WHERE u.company_id = company AND u.login = session_user AND u.disabled_at IS NULL;
END
$$;
