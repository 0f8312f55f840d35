-- Captured messages. The tables that grow with mail are hash-partitioned by company. Privileges and policies are the
-- parents'; nothing is ever granted on a partition.
--
-- What belongs to a message has no foreign key to it: lever.ingest, the only writer, has just written the message
-- itself, and the trigger delete_with_message deletes it with the message.

CREATE TABLE lever.message (
    company_id bigint NOT NULL,
    entry_id uuid NOT NULL,
    candidate_id bigint NOT NULL,
    thread_id bigint NOT NULL,
    direction text NOT NULL CHECK (direction IN ('inbound', 'outbound', 'internal')),
    accepted_at timestamptz NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now(),
    size bigint NOT NULL CHECK (size >= 0),
    tail_size bigint NOT NULL CHECK (tail_size > size),
    host text NOT NULL CHECK (length(host) <= 255),
    queue_id text NOT NULL CHECK (length(queue_id) <= 255),
    dedupe_key bytea NOT NULL CHECK (octet_length(dedupe_key) = 32),
    key_ids bytea[] NOT NULL CHECK (cardinality(key_ids) > 0 AND lever.each_has_length(key_ids, 20)),
    sender_index bytea CHECK (octet_length(sender_index) = 16),
    recipient_indices bytea[] NOT NULL CHECK (lever.each_has_length(recipient_indices, 16)),
    message_id_index bytea CHECK (octet_length(message_id_index) = 16),
    index_version smallint NOT NULL CHECK (index_version BETWEEN 1 AND 255),
    host_key_id bytea CHECK (octet_length(host_key_id) = 20),
    signature bytea CHECK (octet_length(signature) = 64),
    authentication text NOT NULL DEFAULT 'none' CHECK (authentication IN ('pass', 'fail', 'none')),
    labels text[] NOT NULL DEFAULT '{}' CHECK (labels <@ ARRAY[
        'auto_reply', 'bounce', 'list', 'unknown_sender', 'forward', 'spoofed_sender', 'learned_id', 'unsigned_marker',
        'sent']),
    removed_at timestamptz,
    copy_index bytea CHECK (octet_length(copy_index) = 16),
    PRIMARY KEY (company_id, entry_id),
    CONSTRAINT message_dedupe_key_unique UNIQUE (company_id, dedupe_key),
    CONSTRAINT message_signature_has_key CHECK ((signature IS NULL) = (host_key_id IS NULL)),
    FOREIGN KEY (company_id, candidate_id, thread_id) REFERENCES lever.thread (company_id, candidate_id, thread_id)
) PARTITION BY HASH (company_id);
CREATE INDEX message_timeline ON lever.message (company_id, candidate_id, accepted_at, entry_id);
CREATE INDEX message_by_thread ON lever.message (company_id, thread_id);
CREATE INDEX message_by_time ON lever.message (company_id, accepted_at);

COMMENT ON TABLE lever.message IS 'Captured messages: what is known of them without opening them';
COMMENT ON COLUMN lever.message.company_id IS 'The company';
COMMENT ON COLUMN lever.message.entry_id IS 'The entry on the timeline, named by whoever captured the message';
COMMENT ON COLUMN lever.message.candidate_id IS 'The candidate of its thread';
COMMENT ON COLUMN lever.message.thread_id IS 'Its thread';
COMMENT ON COLUMN lever.message.direction IS 'To the company, from it, or between colleagues';
COMMENT ON COLUMN lever.message.accepted_at IS 'When the mail host accepted it; sealed into the content as well';
COMMENT ON COLUMN lever.message.stored_at IS 'When this row was written';
COMMENT ON COLUMN lever.message.size IS 'Bytes of the raw message';
COMMENT ON COLUMN lever.message.tail_size IS 'Bytes of the ciphertext with its tag';
COMMENT ON COLUMN lever.message.host IS 'The mail host; leverctl for a message sent from here';
COMMENT ON COLUMN lever.message.queue_id IS 'The mail host''s queue ID';
COMMENT ON COLUMN lever.message.dedupe_key IS 'Dedupe key under the index key index_version; random once anonymized';
COMMENT ON COLUMN lever.message.key_ids IS 'The keys it is sealed to, 20 bytes each';
COMMENT ON COLUMN lever.message.sender_index IS
    'Blind index of the envelope sender; NULL for the null sender and once removed';
COMMENT ON COLUMN lever.message.recipient_indices IS 'Blind indices of the envelope recipients; empty once removed';
COMMENT ON COLUMN lever.message.message_id_index IS
    'Blind index of the Message-ID; NULL where there is none and once removed';
COMMENT ON COLUMN lever.message.index_version IS 'The index key that made the blind indices and dedupe_key';
COMMENT ON COLUMN lever.message.host_key_id IS 'The mail host''s key; NULL where it has none and once removed';
COMMENT ON COLUMN lever.message.signature IS 'The mail host''s signature of the binding and tail; NULL as host_key_id';
COMMENT ON COLUMN lever.message.authentication IS 'What trusted hosts say of the author''s domain';
COMMENT ON COLUMN lever.message.labels IS
    'What the mail host noticed, and what the database knows of the correspondents';
COMMENT ON COLUMN lever.message.removed_at IS
    'When it was removed: an event without content remains, which keeps the same mail from being captured again';
COMMENT ON COLUMN lever.message.copy_index IS
    'Shared by copies of one message that servers rewrote; NULL without a Message-ID, of a sent one, and once removed';

CREATE TABLE lever.message_key (
    company_id bigint NOT NULL,
    entry_id uuid NOT NULL,
    head bytea NOT NULL CHECK (octet_length(head) > 0),
    PRIMARY KEY (company_id, entry_id)
) PARTITION BY HASH (company_id);

COMMENT ON TABLE lever.message_key IS
    'Heads, which open messages given a private key. Deleting the row shreds the message';
COMMENT ON COLUMN lever.message_key.company_id IS 'The company';
COMMENT ON COLUMN lever.message_key.entry_id IS 'The message';
COMMENT ON COLUMN lever.message_key.head IS 'Head of the sealed message; re-wrapping replaces it';

CREATE TABLE lever.message_part (
    company_id bigint NOT NULL,
    entry_id uuid NOT NULL,
    part integer NOT NULL CHECK (part >= 0),
    bytes bytea NOT NULL CHECK (octet_length(bytes) BETWEEN 1 AND 1048576),
    PRIMARY KEY (company_id, entry_id, part)
) PARTITION BY HASH (company_id);
ALTER TABLE lever.message_part ALTER COLUMN bytes SET STORAGE EXTERNAL;

COMMENT ON TABLE lever.message_part IS 'Tails of sealed messages, in parts of 1 MiB, the last one shorter';
COMMENT ON COLUMN lever.message_part.company_id IS 'The company';
COMMENT ON COLUMN lever.message_part.entry_id IS 'The message';
COMMENT ON COLUMN lever.message_part.part IS 'The part''s number, from 0';
COMMENT ON COLUMN lever.message_part.bytes IS 'Ciphertext. It does not compress, so it is stored out of line as it is';

DO $$
DECLARE
    name text;
BEGIN
    FOR remainder IN 0..15 LOOP
        FOREACH name IN ARRAY ARRAY['message', 'message_key', 'message_part'] LOOP
            EXECUTE format(
                'CREATE TABLE lever.%I PARTITION OF lever.%I FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
                name || '_' || to_char(remainder, 'FM00'), name, remainder);
        END LOOP;
    END LOOP;
END
$$;

CREATE TABLE lever.message_dedupe (
    company_id bigint NOT NULL,
    dedupe_key bytea NOT NULL CHECK (octet_length(dedupe_key) = 32),
    entry_id uuid NOT NULL,
    PRIMARY KEY (company_id, dedupe_key)
);
CREATE INDEX message_dedupe_by_entry ON lever.message_dedupe (company_id, entry_id);

COMMENT ON TABLE lever.message_dedupe IS
    'Dedupe keys: one under each index key that was live when a host saw the mail; two copies in a thread share one';
COMMENT ON COLUMN lever.message_dedupe.company_id IS 'The company';
COMMENT ON COLUMN lever.message_dedupe.dedupe_key IS 'HMAC of what makes two mails the same';
COMMENT ON COLUMN lever.message_dedupe.entry_id IS 'The message that is stored';

CREATE TABLE lever.learned_id (
    company_id bigint NOT NULL,
    id_index bytea NOT NULL CHECK (octet_length(id_index) = 16),
    thread_id bigint NOT NULL,
    entry_id uuid NOT NULL,
    is_contested boolean NOT NULL DEFAULT false,
    change bigint NOT NULL DEFAULT (pg_current_xact_id()::text)::bigint,
    PRIMARY KEY (company_id, id_index)
);
CREATE INDEX learned_id_by_entry ON lever.learned_id (company_id, entry_id);
CREATE INDEX learned_id_by_change ON lever.learned_id (change);
CREATE INDEX learned_id_contested ON lever.learned_id (company_id, id_index) WHERE is_contested;

CREATE TABLE lever.learned_loss (
    company_id bigint NOT NULL,
    thread_id bigint NOT NULL,
    change bigint NOT NULL,
    PRIMARY KEY (company_id, thread_id)
);
CREATE INDEX learned_loss_by_change ON lever.learned_loss (change);

COMMENT ON TABLE lever.learned_loss IS
    'Threads of which learned ids were deleted, so that mail hosts forget them. Which ids it does not say';
COMMENT ON COLUMN lever.learned_loss.company_id IS 'The company';
COMMENT ON COLUMN lever.learned_loss.thread_id IS 'The thread';
COMMENT ON COLUMN lever.learned_loss.change IS 'The transaction that last deleted some';

COMMENT ON TABLE lever.learned_id IS
    'Ids of captured messages, by which replies without a marker are recognised; deleted with their message';
COMMENT ON COLUMN lever.learned_id.company_id IS 'The company';
COMMENT ON COLUMN lever.learned_id.id_index IS
    'Blind index of the id XORed with that of an outside party of the message';
COMMENT ON COLUMN lever.learned_id.thread_id IS 'The thread that a reply belongs to';
COMMENT ON COLUMN lever.learned_id.entry_id IS 'The message that had the id first';
COMMENT ON COLUMN lever.learned_id.is_contested IS
    'Another thread claimed the id as well: it recognises nothing, until the message that had it first is erased';
COMMENT ON COLUMN lever.learned_id.change IS 'The transaction that wrote the row, or found it contested';
