-- Who takes part in a thread, found without a look at all of its messages where that can be.

SET LOCAL ROLE lever_owner;

-- Whether the session's login sent or received a message of the thread.
CREATE OR REPLACE FUNCTION lever.takes_part(thread bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off
AS $$
DECLARE
    company CONSTANT bigint := lever.named_company();
    versions smallint[];
    indices bytea[];
BEGIN
    SELECT array_agg(a.index_version), array_agg(a.email_index) INTO versions, indices
    FROM lever.app_user AS u
    JOIN lever.address_index AS a ON a.company_id = u.company_id AND a.entry_id = u.address_id
    WHERE u.company_id = company AND u.login = session_user;
    RETURN EXISTS (
        SELECT FROM lever.message AS m
        WHERE m.company_id = company AND m.thread_id = thread AND EXISTS (
            SELECT FROM unnest(versions, indices) AS own (version, index)
            WHERE own.version = m.index_version
                AND (own.index = m.sender_index OR own.index = ANY (m.recipient_indices))));
END
$$;
