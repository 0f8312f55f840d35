-- Who may do what; access/policies.sql says in which rows. Nothing is ever granted on a partition: policies are the
-- parent's.

GRANT USAGE ON SCHEMA lever TO
    lever_ingest, lever_reader, lever_rekey, lever_retention, lever_auditor, lever_operator;
GRANT SELECT ON lever.schema_version TO lever_reader, lever_rekey, lever_retention, lever_auditor, lever_operator;

-- Mail hosts: every company's routing, and lever.ingest. Nothing that was stored.
GRANT SELECT (version) ON lever.schema_version TO lever_ingest;
GRANT SELECT ON lever.routing TO lever_ingest;
GRANT EXECUTE ON FUNCTION
    lever.routing_snapshot, lever.acknowledge_routing,
    lever.ingest, lever.erased,
    lever.learned_horizon, lever.learned_ids, lever.known_candidates, lever.learned_since
    TO lever_ingest;

-- Readers: no head, which opens a message and is given out by lever.take_heads; no index but the one by which copies of
-- a message in a thread are told from other messages.
GRANT SELECT ON lever.company, lever.company_domain, lever.host_key, lever.message_part TO lever_reader;
GRANT SELECT (company_id, candidate_id, tail, entry_id, bound_at, anonymized_at, signature)
    ON lever.candidate TO lever_reader;
GRANT SELECT (company_id, thread_id, candidate_id, created_at, secret_by) ON lever.thread TO lever_reader;
GRANT SELECT (company_id, entry_id, candidate_id, thread_id, direction, accepted_at, stored_at, size, tail_size, host,
    queue_id, key_ids, host_key_id, signature, removed_at, authentication, labels, copy_index)
    ON lever.message TO lever_reader;
GRANT SELECT (company_id, entry_id, thread_id, direction, outcome, size, host, queue_id, accepted_at, spooled_at,
    stored_at, matched) ON lever.delivery TO lever_reader;
GRANT SELECT (company_id, entry_id, login, candidate_id, thread_id, accepted_at, size, attempts, tried_at, error)
    ON lever.outbox TO lever_reader;
GRANT EXECUTE ON FUNCTION
    lever.current_company, lever.product_role, lever.user_company, lever.own_companies, lever.sees_every_thread,
    lever.sees_thread,
    lever.request_opening, lever.request_openings, lever.request_profiles, lever.take_head, lever.take_heads,
    lever.report_failure,
    lever.set_secret,
    lever.remove_message, lever.anonymize_candidate,
    lever.choose_sync, lever.opt_in, lever.own_grants,
    lever.set_mail_account, lever.remove_mail_account, lever.take_mail_account,
    lever.begin_send, lever.take_send, lever.sealing_recipients, lever.put_outbox, lever.put_outbox_part,
    lever.take_outbox, lever.take_outbox_head, lever.take_outbox_part, lever.fail_send, lever.finish_send,
    lever.discard_outbox,
    lever.confirm_profile, lever.profile_evidence
    TO lever_reader;

-- Re-wrapping: heads, no tail; and exchanging them by lever.replace_heads alone.
GRANT SELECT ON lever.company, lever.company_domain, lever.sealing_key, lever.message_key TO lever_rekey;
GRANT SELECT (company_id, entry_id, key_ids) ON lever.message TO lever_rekey;
GRANT SELECT (company_id, candidate_id, entry_id, head) ON lever.candidate TO lever_rekey;
GRANT SELECT (company_id, entry_id, head) ON lever.address TO lever_rekey;
GRANT SELECT (company_id, login, entry_id, head) ON lever.mail_account TO lever_rekey;
GRANT SELECT (company_id, entry_id, head) ON lever.outbox TO lever_rekey;
GRANT EXECUTE ON FUNCTION
    lever.current_company, lever.product_role, lever.own_companies, lever.granted_company,
    lever.head_key_ids, lever.record_rewrapping, lever.replace_heads
    TO lever_rekey;

-- Retention: the names of companies, and deleting what has expired.
GRANT SELECT ON lever.company, lever.company_domain TO lever_retention;
GRANT EXECUTE ON FUNCTION
    lever.current_company, lever.product_role, lever.own_companies, lever.granted_company, lever.apply_retention,
    lever.delete_stray_records
    TO lever_retention;

-- Auditors: who may do what and what was done. No content, sealed or not.
GRANT SELECT ON lever.company, lever.company_domain, lever.sealing_key, lever.host_key, lever.app_user,
    lever.access_grant, lever.audit, lever.audit_head TO lever_auditor;
GRANT SELECT (company_id, thread_id, candidate_id) ON lever.thread TO lever_auditor;
GRANT SELECT (company_id, entry_id, thread_id, direction, outcome, size, host, queue_id, accepted_at, spooled_at,
    stored_at, matched) ON lever.delivery TO lever_auditor;
GRANT EXECUTE ON FUNCTION
    lever.current_company, lever.product_role, lever.own_companies, lever.granted_company, lever.misplaced_messages
    TO lever_auditor;

-- Operators: the delivery log, by queue ID and by blind index of the Message-ID; the names of companies.
GRANT SELECT ON lever.delivery TO lever_operator;
GRANT SELECT (company_id, name) ON lever.company TO lever_operator;
GRANT EXECUTE ON FUNCTION lever.granted_companies TO lever_operator;
