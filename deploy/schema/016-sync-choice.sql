-- The Super Admin's choice between limited and full sync, and what each user agrees to under it.

SET LOCAL ROLE lever_owner;

ALTER TABLE lever.company
    -- Since when full sync is set up for the company; null while it is not.
    ADD COLUMN full_sync_ready_at timestamptz;
UPDATE lever.company SET full_sync_ready_at = now() WHERE sync = 'full';
ALTER TABLE lever.company
    ADD CONSTRAINT company_full_sync_is_ready CHECK (sync <> 'full' OR full_sync_ready_at IS NOT NULL);

-- What a user lets the product do in the user's own mailbox. Reading is never granted under limited sync.
ALTER TABLE lever.app_user
    ADD COLUMN send_granted_at timestamptz,
    ADD COLUMN read_granted_at timestamptz,
    ADD CONSTRAINT app_user_read_with_send CHECK (read_granted_at IS NULL OR send_granted_at IS NOT NULL);

-- Chooses limited or full sync. Nothing that was captured goes; under limited sync nobody's mailbox is read any more.
-- Returns why not, or null.
CREATE FUNCTION lever.choose_sync(company bigint, choice text, reason text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found lever.company;
    refusal text;
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    IF choice NOT IN ('limited', 'full') THEN
        RAISE 'no such choice' USING ERRCODE = 'invalid_parameter_value';
    ELSIF lever.product_role() IS NULL THEN
        RETURN lever.refuse_outsider('sync', NULL, NULL, NULL);
    ELSIF lever.product_role() <> 'super_admin' THEN
        refusal := 'only a super admin chooses';
    ELSE
        SELECT * INTO STRICT found FROM lever.company AS c WHERE c.company_id = company FOR UPDATE;
        IF choice = 'limited' AND found.provider = 'exchange' THEN
            refusal := 'on-premise Exchange has no limited sync';
        ELSIF choice = 'full' AND found.full_sync_ready_at IS NULL THEN
            refusal := 'full sync is not set up for this company';
        END IF;
    END IF;
    PERFORM lever.audit_attempt('sync', refusal, NULL, NULL, NULL, concat_ws(': ', choice, nullif(reason, '')));
    IF refusal IS NULL THEN
        UPDATE lever.company AS c SET sync = choice WHERE c.company_id = company AND c.sync <> choice;
        IF choice = 'limited' THEN
            UPDATE lever.app_user AS u SET read_granted_at = NULL
            WHERE u.company_id = company AND u.read_granted_at IS NOT NULL;
        END IF;
    END IF;
    RETURN refusal;
END
$$;

-- The session's user agrees, or agrees no more: to sending under limited sync, to sending and reading under full.
-- Returns why not, or null.
CREATE FUNCTION lever.opt_in(company bigint, agrees boolean) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    level text;
    refusal text;
BEGIN
    PERFORM set_config('lever.company', company::text, true);
    IF lever.product_role() IS NULL THEN
        RETURN lever.refuse_outsider('opt-in', NULL, NULL, NULL);
    END IF;
    SELECT c.sync INTO STRICT level FROM lever.company AS c WHERE c.company_id = company FOR SHARE;
    IF agrees AND level = 'off' THEN
        refusal := 'the company has chosen no sync';
    END IF;
    PERFORM lever.audit_attempt('opt-in', refusal, NULL, NULL, NULL, CASE
        WHEN NOT agrees THEN 'withdrawn' WHEN level = 'full' THEN 'send, read' ELSE 'send' END);
    IF refusal IS NULL THEN
        UPDATE lever.app_user AS u SET
            send_granted_at = CASE WHEN agrees THEN coalesce(u.send_granted_at, now()) END,
            read_granted_at = CASE WHEN agrees AND level = 'full' THEN coalesce(u.read_granted_at, now()) END
        WHERE u.company_id = company AND u.login = session_user;
    END IF;
    RETURN refusal;
END
$$;

-- What the session's user agreed to.
CREATE FUNCTION lever.own_grants(company bigint, OUT may_send boolean, OUT may_read boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    SELECT u.send_granted_at IS NOT NULL, u.read_granted_at IS NOT NULL INTO may_send, may_read FROM lever.app_user AS u
    WHERE u.company_id = company AND u.login = session_user AND u.disabled_at IS NULL;
END
$$;

GRANT EXECUTE ON FUNCTION lever.choose_sync, lever.opt_in, lever.own_grants TO lever_reader;
