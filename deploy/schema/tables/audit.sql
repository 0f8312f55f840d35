-- The audit: one chain of rows for each company. Each row's hash covers the row before it, so whoever has kept one hash
-- can tell whether anything up to it was changed, removed or reordered.

CREATE TABLE lever.audit (
    company_id bigint NOT NULL REFERENCES lever.company,
    seq bigint NOT NULL CHECK (seq > 0),
    at timestamptz NOT NULL,
    login text NOT NULL,
    action text NOT NULL,
    allowed boolean NOT NULL,
    entry_id uuid,
    candidate_id bigint,
    thread_id bigint,
    reason text NOT NULL CHECK (char_length(reason) <= 300 AND reason !~ '[[:cntrl:]]'),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (company_id, seq)
);

CREATE INDEX audit_of_profiles ON lever.audit (company_id, candidate_id) WHERE action = 'candidate';

COMMENT ON TABLE lever.audit IS 'Everything that was asked for, allowed or refused. Rows are never changed';
COMMENT ON COLUMN lever.audit.company_id IS 'The company whose chain it is in';
COMMENT ON COLUMN lever.audit.seq IS 'The row''s number in its chain, from 1 without gaps';
COMMENT ON COLUMN lever.audit.at IS 'When, to the millisecond';
COMMENT ON COLUMN lever.audit.login IS 'The database login that asked';
COMMENT ON COLUMN lever.audit.action IS 'What it asked for';
COMMENT ON COLUMN lever.audit.allowed IS 'Whether it was allowed';
COMMENT ON COLUMN lever.audit.entry_id IS 'The message it was about, if any';
COMMENT ON COLUMN lever.audit.candidate_id IS 'The candidate it was about, if any';
COMMENT ON COLUMN lever.audit.thread_id IS 'The thread it was about, if any';
COMMENT ON COLUMN lever.audit.reason IS 'The refusal, the reason that the login gave, or both';
COMMENT ON COLUMN lever.audit.hash IS 'SHA-256 over this row and the hash of the row before it';
COMMENT ON COLUMN lever.audit.xid IS
    'The transaction that wrote it: what a row allows is given out once that is committed';

CREATE TABLE lever.audit_head (
    company_id bigint PRIMARY KEY REFERENCES lever.company,
    seq bigint NOT NULL,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32)
);

COMMENT ON TABLE lever.audit_head IS
    'The last row of each chain. A transaction that appends holds the lock on it until it ends';
COMMENT ON COLUMN lever.audit_head.company_id IS 'The company';
COMMENT ON COLUMN lever.audit_head.seq IS 'The number of its last row';
COMMENT ON COLUMN lever.audit_head.hash IS 'The hash of its last row; zeros before the first one';
