/// The decision about each role: what it may do with the relations and functions of the schema. Whatever is not here is
/// refused, so that something new fails the tests until it was decided about. `*`: every column.
enum AllowedAction {
    static let relations: [String: [String]] = [
        // Every company's routing, with its marker and index keys; nothing that was stored.
        "lever_ingest": ["SELECT routing(*)", "SELECT schema_version(version)"],
        // No head, no dedupe key, and of blind indices that alone by which copies of a message are told from others.
        "lever_reader": [
            "SELECT schema_version(*)", "SELECT company(*)", "SELECT company_domain(*)", "SELECT host_key(*)",
            "SELECT candidate(company_id, candidate_id, tail, entry_id, bound_at, anonymized_at, signature)",
            "SELECT thread(company_id, thread_id, candidate_id, secret_by, created_at)",
            "SELECT message(company_id, entry_id, candidate_id, thread_id, direction, accepted_at, stored_at, size, "
                + "tail_size, host, queue_id, key_ids, host_key_id, signature, authentication, labels, removed_at, "
                + "copy_index)",
            "SELECT message_part(*)", delivery,
            "SELECT outbox(company_id, entry_id, login, candidate_id, thread_id, accepted_at, size, attempts, tried_at, error)",
        ],
        // Heads, no tails.
        "lever_rekey": [
            "SELECT schema_version(*)", "SELECT company(*)", "SELECT company_domain(*)", "SELECT sealing_key(*)",
            "SELECT message(company_id, entry_id, key_ids)", "SELECT message_key(*)",
            "SELECT candidate(company_id, candidate_id, head, entry_id)", "SELECT address(company_id, entry_id, head)",
            "SELECT mail_account(company_id, login, entry_id, head)", "SELECT outbox(company_id, entry_id, head)",
        ],
        // The names of companies.
        "lever_retention": ["SELECT schema_version(*)", "SELECT company(*)", "SELECT company_domain(*)"],
        // No content, sealed or not.
        "lever_auditor": [
            "SELECT schema_version(*)", "SELECT company(*)", "SELECT company_domain(*)", "SELECT sealing_key(*)",
            "SELECT host_key(*)", delivery, "SELECT app_user(*)", "SELECT access_grant(*)",
            "SELECT audit(*)", "SELECT audit_head(*)", "SELECT thread(company_id, thread_id, candidate_id)",
        ],
        // What became of messages, by queue ID and by blind index; the names of companies.
        "lever_operator": ["SELECT schema_version(*)", "SELECT company(company_id, name)", "SELECT delivery(*)"],
    ]

    /// Without the index of the Message-ID.
    private static let delivery =
        "SELECT delivery(company_id, entry_id, thread_id, direction, outcome, size, host, queue_id, matched, "
        + "accepted_at, spooled_at, stored_at)"

    static let functions: [String: [String]] = [
        "lever_ingest": [
            "ingest", "routing_snapshot", "acknowledge_routing", "erased", "learned_horizon", "learned_since",
            "learned_ids",
            "known_candidates",
        ],
        "lever_reader": [
            "current_company", "product_role", "own_companies", "user_company", "sees_every_thread", "sees_thread",
            "request_opening", "request_openings", "request_profiles", "take_head", "take_heads", "report_failure",
            "set_secret",
            "remove_message", "anonymize_candidate",
            "choose_sync", "opt_in", "own_grants", "set_mail_account", "remove_mail_account", "take_mail_account",
            "begin_send", "take_send", "sealing_recipients", "put_outbox", "put_outbox_part", "take_outbox",
            "take_outbox_head", "take_outbox_part", "fail_send", "finish_send", "discard_outbox", "confirm_profile",
            "profile_evidence",
        ],
        "lever_rekey": [
            "current_company", "product_role", "own_companies", "granted_company", "head_key_ids", "record_rewrapping",
            "replace_heads",
        ],
        "lever_retention": [
            "current_company", "product_role", "own_companies", "granted_company", "apply_retention",
            "delete_stray_records",
        ],
        "lever_auditor": [
            "current_company", "product_role", "own_companies", "granted_company", "misplaced_messages",
        ],
        "lever_operator": ["granted_companies"],
    ]
}
