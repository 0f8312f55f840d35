-- The delivery log.

CREATE TABLE lever.delivery (
    company_id bigint NOT NULL CHECK (company_id > 0),
    entry_id uuid NOT NULL,
    thread_id bigint NOT NULL CHECK (thread_id > 0),
    direction text CHECK (direction IN ('inbound', 'outbound', 'internal')),
    outcome text NOT NULL CHECK (outcome IN (
        'captured', 'duplicate', 'bad_signature', 'unknown_key', 'unknown_thread', 'not_participant', 'not_limited',
        'observe_only', 'too_large', 'spool_failed', 'ingest_rejected', 'never_log', 'erased', 'forwarded',
        'already_forwarded', 'forward_failed', 'unsigned_marker', 'withdrawn_marker', 'expired_marker')),
    size bigint CHECK (size >= 0),
    host text NOT NULL CHECK (length(host) <= 255),
    queue_id text NOT NULL CHECK (length(queue_id) <= 255),
    matched text CHECK (matched IN (
        'in_reply_to', 'references', 'x_lever_thread', 'message_id', 'x_microsoft_original_message_id',
        'x_google_original_message_id')),
    accepted_at timestamptz NOT NULL,
    spooled_at timestamptz,
    stored_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    message_id_index bytea CHECK (octet_length(message_id_index) = 16),
    index_version smallint CHECK (index_version BETWEEN 1 AND 255),
    is_stray boolean NOT NULL DEFAULT false,
    stored_as uuid,
    PRIMARY KEY (company_id, entry_id),
    CONSTRAINT delivery_index_has_version CHECK ((message_id_index IS NULL) = (index_version IS NULL))
);
CREATE INDEX delivery_by_time ON lever.delivery (company_id, accepted_at);
CREATE INDEX delivery_by_acceptance ON lever.delivery (accepted_at);
CREATE INDEX delivery_by_storage ON lever.delivery (stored_at);
CREATE INDEX delivery_by_queue_id ON lever.delivery (queue_id);
CREATE INDEX delivery_by_message_id ON lever.delivery (message_id_index) WHERE message_id_index IS NOT NULL;
CREATE INDEX delivery_by_stored ON lever.delivery (company_id, stored_as) WHERE stored_as IS NOT NULL;
CREATE INDEX delivery_stray ON lever.delivery (accepted_at) WHERE is_stray;

COMMENT ON TABLE lever.delivery IS
    'The delivery log: one row for each inspected message with a marker, whatever its outcome';
COMMENT ON COLUMN lever.delivery.company_id IS 'The company that the marker names, which need not exist';
COMMENT ON COLUMN lever.delivery.entry_id IS 'The entry; that of a stored message if it was captured';
COMMENT ON COLUMN lever.delivery.thread_id IS 'The thread that the marker names, which need not exist';
COMMENT ON COLUMN lever.delivery.direction IS 'NULL where the company is not known well enough to tell';
COMMENT ON COLUMN lever.delivery.outcome IS 'What happened to the message';
COMMENT ON COLUMN lever.delivery.size IS 'Bytes of the raw message; NULL where the filter accepted it before the body';
COMMENT ON COLUMN lever.delivery.host IS 'The mail host';
COMMENT ON COLUMN lever.delivery.queue_id IS 'The mail host''s queue ID';
COMMENT ON COLUMN lever.delivery.matched IS 'The header field that the marker or id was found in; NULL if not known';
COMMENT ON COLUMN lever.delivery.accepted_at IS 'When its header was read';
COMMENT ON COLUMN lever.delivery.spooled_at IS
    'When it was complete in the mail host''s spool; NULL where it never was';
COMMENT ON COLUMN lever.delivery.stored_at IS 'When this row was written, a moment before the commit';
COMMENT ON COLUMN lever.delivery.message_id_index IS
    'Blind index of the Message-ID; NULL where the company is not known or the signature is wrong, and once erased';
COMMENT ON COLUMN lever.delivery.index_version IS 'The index key that made message_id_index; NULL without one';
COMMENT ON COLUMN lever.delivery.is_stray IS
    'Whether the marker named a company that did not exist: a row of nobody''s, which anybody can forge';
COMMENT ON COLUMN lever.delivery.stored_as IS
    'The entry that has the mail, where another copy of it was stored; NULL for any other outcome than duplicate';
