-- Which routing the database has, and which one each mail host works with. The routing itself is the view
-- lever.routing.

-- Nothing here is a row that two transactions would both change: a change of one company's routing that is left open
-- holds up no other company's.
CREATE TABLE lever.routing_change (
    change xid8 PRIMARY KEY,
    changed_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE lever.routing_change IS 'Transactions that changed routing lately';
COMMENT ON COLUMN lever.routing_change.change IS 'The transaction';
COMMENT ON COLUMN lever.routing_change.changed_at IS 'When it began';

CREATE TABLE lever.mail_host (
    host text PRIMARY KEY CHECK (length(host) BETWEEN 1 AND 255),
    snapshot pg_snapshot NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT now(),
    given_up_at timestamptz
);

COMMENT ON TABLE lever.mail_host IS 'Mail hosts that have acknowledged routing';
COMMENT ON COLUMN lever.mail_host.host IS 'Its name';
COMMENT ON COLUMN lever.mail_host.snapshot IS
    'Taken before it read the routing that it acknowledged last: the transactions whose changes it has for certain';
COMMENT ON COLUMN lever.mail_host.seen_at IS 'When it acknowledged that';
COMMENT ON COLUMN lever.mail_host.given_up_at IS
    'When an administrator retired it: no rotation waits for it any more; NULL while it counts';
