-- What lever.ingest takes and decides. Mail hosts know lever.incoming by its object id while they are connected, and
-- its attributes by their order: a step adds attributes at the end (ALTER TYPE … ADD ATTRIBUTE) and nothing drops the
-- type.

CREATE TYPE lever.incoming AS (
    company_id bigint,
    entry_id uuid,
    thread_id bigint,
    outcome text,
    direction text,
    size bigint,
    host text,
    queue_id text,
    matched text,
    accepted_at timestamptz,
    spooled_at timestamptz,
    message_id_index bytea,
    index_version smallint,
    authentication text,
    labels text[],
    sender_index bytea,
    recipient_indices bytea[],
    correspondents bytea[],
    learned_ids bytea[],
    dedupe_keys bytea[],
    external_candidate bigint,
    key_ids bytea[],
    host_key_id bytea,
    signature bytea,
    tail_size bigint,
    head bytea,
    part integer,
    bytes bytea,
    copy_index bytea
);

COMMENT ON TYPE lever.incoming IS
    'One message, further part of a message, or record of one that was not stored, as a mail host brings it';
COMMENT ON COLUMN lever.incoming.company_id IS 'The company that the marker names';
COMMENT ON COLUMN lever.incoming.entry_id IS 'The entry';
COMMENT ON COLUMN lever.incoming.thread_id IS 'The thread that the marker names';
COMMENT ON COLUMN lever.incoming.outcome IS 'captured for a message and its parts; anything else makes it a record';
COMMENT ON COLUMN lever.incoming.direction IS 'As in lever.delivery';
COMMENT ON COLUMN lever.incoming.size IS 'As in lever.delivery';
COMMENT ON COLUMN lever.incoming.host IS 'As in lever.delivery';
COMMENT ON COLUMN lever.incoming.queue_id IS 'As in lever.delivery';
COMMENT ON COLUMN lever.incoming.matched IS 'As in lever.delivery';
COMMENT ON COLUMN lever.incoming.accepted_at IS 'As in lever.delivery';
COMMENT ON COLUMN lever.incoming.spooled_at IS 'As in lever.delivery';
COMMENT ON COLUMN lever.incoming.message_id_index IS
    'Blind index of the Message-ID; of a record where the company is known and the marker is genuine';
COMMENT ON COLUMN lever.incoming.index_version IS 'The index key that made the blind indices and the first dedupe key';
COMMENT ON COLUMN lever.incoming.authentication IS
    'As in lever.message. This and what follows counts for messages alone';
COMMENT ON COLUMN lever.incoming.labels IS 'What the mail host noticed; the database adds its own';
COMMENT ON COLUMN lever.incoming.sender_index IS 'As in lever.message';
COMMENT ON COLUMN lever.incoming.recipient_indices IS 'As in lever.message';
COMMENT ON COLUMN lever.incoming.correspondents IS
    'The people outside who write or are written to: version and blind index, 17 bytes each, under each live index key';
COMMENT ON COLUMN lever.incoming.learned_ids IS
    'Ids by which a reply is recognised, each bound to an outside party, 16 bytes each';
COMMENT ON COLUMN lever.incoming.dedupe_keys IS 'One for each live index key, the one of index_version first';
COMMENT ON COLUMN lever.incoming.external_candidate IS
    'The candidate of a thread that another system started: the first message opens it, if the company takes those';
COMMENT ON COLUMN lever.incoming.key_ids IS 'As in lever.message';
COMMENT ON COLUMN lever.incoming.host_key_id IS 'As in lever.message';
COMMENT ON COLUMN lever.incoming.signature IS 'As in lever.message';
COMMENT ON COLUMN lever.incoming.tail_size IS 'As in lever.message';
COMMENT ON COLUMN lever.incoming.head IS 'Head of the sealed message; NULL in a further part';
COMMENT ON COLUMN lever.incoming.part IS 'The number of the part of the tail that comes with it, from 0';
COMMENT ON COLUMN lever.incoming.bytes IS 'That part of the tail';
COMMENT ON COLUMN lever.incoming.copy_index IS 'As in lever.message';

CREATE TYPE lever.verdict AS (
    result text,
    is_message boolean,
    candidate bigint,
    is_new boolean
);

COMMENT ON TYPE lever.verdict IS 'What lever.ingest decided about one element of its batch, at the same position';
COMMENT ON COLUMN lever.verdict.result IS 'The outcome';
COMMENT ON COLUMN lever.verdict.is_message IS 'Whether it is a message, not a further part or a record';
COMMENT ON COLUMN lever.verdict.candidate IS 'The candidate of a message''s thread; NULL where there is none';
COMMENT ON COLUMN lever.verdict.is_new IS 'Whether it is a message to be stored now';

CREATE TYPE lever.id_claim AS (
    company_id bigint,
    id_index bytea,
    thread_id bigint,
    entry_id uuid
);

COMMENT ON TYPE lever.id_claim IS 'What lever.ingest learns of a message: an id that it has, bound to an outside party';
COMMENT ON COLUMN lever.id_claim.company_id IS 'The company';
COMMENT ON COLUMN lever.id_claim.id_index IS 'As in lever.learned_id';
COMMENT ON COLUMN lever.id_claim.thread_id IS 'The thread of the message';
COMMENT ON COLUMN lever.id_claim.entry_id IS 'The message';
