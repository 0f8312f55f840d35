-- Mail that users send from here: their own accounts, and messages on their way.

CREATE TABLE lever.mail_account (
    company_id bigint NOT NULL,
    login text NOT NULL,
    entry_id uuid NOT NULL,
    head bytea NOT NULL CHECK (octet_length(head) > 0),
    tail bytea NOT NULL CHECK (octet_length(tail) > 0),
    bound_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, login),
    FOREIGN KEY (company_id, login) REFERENCES lever.app_user ON DELETE CASCADE
);

COMMENT ON TABLE lever.mail_account IS
    'Users'' own accounts: server, name, and password or token, sealed';
COMMENT ON COLUMN lever.mail_account.company_id IS 'The company';
COMMENT ON COLUMN lever.mail_account.login IS 'The user';
COMMENT ON COLUMN lever.mail_account.entry_id IS 'The account''s entry, part of its sealed binding';
COMMENT ON COLUMN lever.mail_account.head IS 'Head of the sealed account';
COMMENT ON COLUMN lever.mail_account.tail IS 'Tail of the sealed account';
COMMENT ON COLUMN lever.mail_account.bound_at IS 'The account''s time, part of its sealed binding';

-- Messages that were begun: what lever.begin_send fixed of each, from which everything stored of it is derived. No
-- login reads or writes it.
CREATE TABLE lever.send_grant (
    company_id bigint NOT NULL,
    entry_id uuid NOT NULL,
    login text NOT NULL,
    candidate_id bigint NOT NULL,
    thread_id bigint NOT NULL,
    answered uuid,
    accepted_at timestamptz NOT NULL,
    marker_version smallint NOT NULL CHECK (marker_version BETWEEN 1 AND 255),
    nonce integer NOT NULL,
    marker_domain text NOT NULL CHECK (lever.is_domain(marker_domain)),
    index_version smallint NOT NULL CHECK (index_version BETWEEN 1 AND 255),
    xid xid8 NOT NULL,
    PRIMARY KEY (company_id, entry_id),
    FOREIGN KEY (company_id, login) REFERENCES lever.app_user ON DELETE CASCADE,
    FOREIGN KEY (company_id, candidate_id, thread_id) REFERENCES lever.thread (company_id, candidate_id, thread_id)
);
CREATE INDEX send_grant_by_login ON lever.send_grant (company_id, login);

COMMENT ON TABLE lever.send_grant IS
    'Messages that users have begun; each is put into the outbox once, within ten minutes, or forgotten';
COMMENT ON COLUMN lever.send_grant.company_id IS 'The company';
COMMENT ON COLUMN lever.send_grant.entry_id IS 'The entry that it will be on the timeline';
COMMENT ON COLUMN lever.send_grant.login IS 'The user who began it';
COMMENT ON COLUMN lever.send_grant.candidate_id IS 'The candidate whom it is to';
COMMENT ON COLUMN lever.send_grant.thread_id IS 'Its thread';
COMMENT ON COLUMN lever.send_grant.answered IS 'The entry that it answers; NULL if it starts the thread';
COMMENT ON COLUMN lever.send_grant.accepted_at IS 'When it was begun: the time of the message';
COMMENT ON COLUMN lever.send_grant.marker_version IS 'The marker key that signs its Message-ID';
COMMENT ON COLUMN lever.send_grant.nonce IS 'The nonce of its Message-ID, four random bytes';
COMMENT ON COLUMN lever.send_grant.marker_domain IS 'The domain of its Message-ID';
COMMENT ON COLUMN lever.send_grant.index_version IS 'The index key of its blind indices and its entry token';
COMMENT ON COLUMN lever.send_grant.xid IS
    'The transaction that began it: nothing is given out before that is committed';

CREATE TABLE lever.outbox (
    company_id bigint NOT NULL,
    entry_id uuid NOT NULL,
    login text NOT NULL,
    candidate_id bigint NOT NULL,
    thread_id bigint NOT NULL,
    is_answer boolean NOT NULL,
    accepted_at timestamptz NOT NULL,
    size bigint NOT NULL CHECK (size >= 0),
    tail_size bigint NOT NULL CHECK (tail_size > size),
    dedupe_keys bytea[] NOT NULL CHECK (lever.each_has_length(dedupe_keys, 32)),
    key_ids bytea[] NOT NULL CHECK (lever.each_has_length(key_ids, 20)),
    sender_index bytea NOT NULL CHECK (octet_length(sender_index) = 16),
    recipient_indices bytea[] NOT NULL CHECK (lever.each_has_length(recipient_indices, 16)),
    message_id_index bytea NOT NULL CHECK (octet_length(message_id_index) = 16),
    index_version smallint NOT NULL CHECK (index_version BETWEEN 1 AND 255),
    head bytea NOT NULL CHECK (octet_length(head) > 0),
    signature bytea NOT NULL CHECK (octet_length(signature) BETWEEN 8 AND 80),
    attempts integer NOT NULL,
    taken_by xid8,
    tried_at timestamptz,
    error text CHECK (length(error) BETWEEN 1 AND 200),
    PRIMARY KEY (company_id, entry_id),
    FOREIGN KEY (company_id, login) REFERENCES lever.app_user,
    FOREIGN KEY (company_id, candidate_id, thread_id) REFERENCES lever.thread (company_id, candidate_id, thread_id)
);

COMMENT ON TABLE lever.outbox IS 'Messages from just before they are sent until they are on the timeline';
COMMENT ON COLUMN lever.outbox.company_id IS 'The company';
COMMENT ON COLUMN lever.outbox.entry_id IS 'The entry that it becomes on the timeline';
COMMENT ON COLUMN lever.outbox.login IS 'The user who wrote it';
COMMENT ON COLUMN lever.outbox.candidate_id IS 'The candidate whose timeline it goes to';
COMMENT ON COLUMN lever.outbox.thread_id IS 'Its thread';
COMMENT ON COLUMN lever.outbox.is_answer IS 'Whether it answers a message; otherwise it starts its thread';
COMMENT ON COLUMN lever.outbox.accepted_at IS 'When it was written; sealed into the content as well';
COMMENT ON COLUMN lever.outbox.size IS 'Bytes of the raw message';
COMMENT ON COLUMN lever.outbox.tail_size IS 'Bytes of the ciphertext with its tag';
COMMENT ON COLUMN lever.outbox.dedupe_keys IS
    'What a mail host''s copy is recognised by: one for each live index key, the one of index_version first';
COMMENT ON COLUMN lever.outbox.key_ids IS 'The keys it is sealed to, 20 bytes each';
COMMENT ON COLUMN lever.outbox.sender_index IS 'Blind index of the sender';
COMMENT ON COLUMN lever.outbox.recipient_indices IS 'Blind indices of the recipients';
COMMENT ON COLUMN lever.outbox.message_id_index IS 'Blind index of the Message-ID';
COMMENT ON COLUMN lever.outbox.index_version IS 'The index key that made the blind indices';
COMMENT ON COLUMN lever.outbox.head IS 'Head of the sealed message';
COMMENT ON COLUMN lever.outbox.signature IS
    'The company''s signature of the user and the sealed message, by its private key: nobody else''s is sent again';
COMMENT ON COLUMN lever.outbox.attempts IS 'How often it was taken to be sent';
COMMENT ON COLUMN lever.outbox.taken_by IS
    'The transaction that took it last: its head is given out once that is committed; NULL if never taken';
COMMENT ON COLUMN lever.outbox.tried_at IS 'When it was last taken to be sent';
COMMENT ON COLUMN lever.outbox.error IS
    'Why the last attempt failed; NULL while one is in progress or if it was interrupted';

CREATE TABLE lever.outbox_part (
    company_id bigint NOT NULL,
    entry_id uuid NOT NULL,
    part integer NOT NULL CHECK (part >= 0),
    bytes bytea NOT NULL CHECK (octet_length(bytes) BETWEEN 1 AND 1048576),
    PRIMARY KEY (company_id, entry_id, part),
    FOREIGN KEY (company_id, entry_id) REFERENCES lever.outbox ON DELETE CASCADE
);
ALTER TABLE lever.outbox_part ALTER COLUMN bytes SET STORAGE EXTERNAL;

COMMENT ON TABLE lever.outbox_part IS 'Tails of messages in the outbox, in parts as in lever.message_part';
COMMENT ON COLUMN lever.outbox_part.company_id IS 'The company';
COMMENT ON COLUMN lever.outbox_part.entry_id IS 'The message in the outbox';
COMMENT ON COLUMN lever.outbox_part.part IS 'The part''s number, from 0';
COMMENT ON COLUMN lever.outbox_part.bytes IS 'Ciphertext';
