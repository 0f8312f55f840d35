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
    -- One for each version of the index key. Of different versions, no two are the same.
    indices CONSTANT bytea[] := ARRAY(
        SELECT a.email_index FROM lever.app_user AS u
        JOIN lever.address_index AS a ON a.company_id = u.company_id AND a.entry_id = u.address_id
        WHERE u.company_id = company AND u.login = session_user);
BEGIN
    RETURN EXISTS (
        SELECT FROM lever.message AS m
        WHERE m.company_id = company AND m.thread_id = thread
            AND (m.sender_index = ANY (indices) OR m.recipient_indices && indices));
END
$$;
