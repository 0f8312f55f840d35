-- Which routing the database has, and which one each mail host works with. The routing itself is the view
-- lever.routing.

CREATE TABLE lever.routing_generation (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    generation bigint NOT NULL
);
INSERT INTO lever.routing_generation (generation) VALUES (1);

COMMENT ON TABLE lever.routing_generation IS 'The number of the routing, one row';
COMMENT ON COLUMN lever.routing_generation.only_row IS 'Keeps a second row out';
COMMENT ON COLUMN lever.routing_generation.generation IS 'Every statement that changes routing adds one';

CREATE TABLE lever.mail_host (
    host text PRIMARY KEY CHECK (length(host) BETWEEN 1 AND 255),
    generation bigint NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT now(),
    given_up_at timestamptz
);

COMMENT ON TABLE lever.mail_host IS 'Mail hosts that have acknowledged routing';
COMMENT ON COLUMN lever.mail_host.host IS 'Its name';
COMMENT ON COLUMN lever.mail_host.generation IS 'The newest routing that it acknowledged';
COMMENT ON COLUMN lever.mail_host.seen_at IS 'When it acknowledged that';
COMMENT ON COLUMN lever.mail_host.given_up_at IS
    'When an administrator retired it: no rotation waits for it any more; NULL while it counts';
