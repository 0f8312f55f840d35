-- The companies, and the domains whose mail is theirs.

CREATE TABLE lever.company (
    company_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY CHECK (company_id > 0),
    name text NOT NULL CONSTRAINT company_name_unique UNIQUE
        CHECK (char_length(name) BETWEEN 1 AND 200 AND name = btrim(name)
            AND name !~ '[[:cntrl:]]' AND name !~ '^[0-9]+$'),
    provider text NOT NULL CHECK (provider IN ('google', 'microsoft', 'exchange')),
    sync text NOT NULL CHECK (sync IN ('limited', 'full', 'off')),
    full_sync_ready_at timestamptz,
    capture text NOT NULL DEFAULT 'store' CHECK (capture IN ('store', 'forward', 'store+forward', 'observe')),
    forward_to text CONSTRAINT company_forward_to_check CHECK (
        octet_length(forward_to) <= 254 AND octet_length(split_part(forward_to, '@', 1)) <= 64
        AND forward_to ~ '^[a-zA-Z0-9!#$%&''*+/=?^_`{|}~-]+(\.[a-zA-Z0-9!#$%&''*+/=?^_`{|}~-]+)*@[^@]+$'
        AND lever.is_domain(split_part(forward_to, '@', 2))),
    stamp boolean NOT NULL DEFAULT false,
    unsigned_markers text NOT NULL DEFAULT 'refuse' CHECK (unsigned_markers IN ('refuse', 'known')),
    recipient_delimiter text CHECK (recipient_delimiter ~ '^[!#$%&''*+/=?^_`{|}~.-]{1,8}$'),
    marker_days integer CHECK (marker_days BETWEEN 1 AND 36500),
    retention_days integer CHECK (retention_days BETWEEN 1 AND 36500),
    delivery_days integer NOT NULL DEFAULT 90 CHECK (delivery_days BETWEEN 1 AND 36500),
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT company_exchange_has_no_limited_sync CHECK (NOT (provider = 'exchange' AND sync = 'limited')),
    CONSTRAINT company_full_sync_is_ready CHECK (sync <> 'full' OR full_sync_ready_at IS NOT NULL),
    CONSTRAINT company_forward_has_address
        CHECK (capture NOT IN ('forward', 'store+forward') OR forward_to IS NOT NULL)
);

COMMENT ON TABLE lever.company IS 'The tenants';
COMMENT ON COLUMN lever.company.company_id IS 'Leads every key of what belongs to the company; part of its markers';
COMMENT ON COLUMN lever.company.name IS
    'Unique in the database. Commands take a company by name or by id, so a name is never a number';
COMMENT ON COLUMN lever.company.provider IS 'Where its mailboxes are';
COMMENT ON COLUMN lever.company.sync IS 'What its super admin chose: limited, full, or off for neither';
COMMENT ON COLUMN lever.company.full_sync_ready_at IS 'When full sync was set up; NULL while it is not';
COMMENT ON COLUMN lever.company.capture IS 'What happens to its marked mail: stored, forwarded, both, or only observed';
COMMENT ON COLUMN lever.company.forward_to IS
    'Where its marked mail is forwarded: a mailbox (RFC 5321) with a dot-string as local part';
COMMENT ON COLUMN lever.company.stamp IS
    'Whether its outgoing mail gets the marker of X-Lever-Thread into its References field as well';
COMMENT ON COLUMN lever.company.unsigned_markers IS
    'Markers without our signature: refused, or taken if the correspondent is a known candidate';
COMMENT ON COLUMN lever.company.recipient_delimiter IS
    'The characters that begin an extension in addresses of its domains; NULL if there are no extensions';
COMMENT ON COLUMN lever.company.marker_days IS
    'Days after which a thread takes no mail, counted from its start or the last message of the company in it; NULL for '
    'no limit';
COMMENT ON COLUMN lever.company.retention_days IS 'Days that messages are kept; NULL keeps them without limit';
COMMENT ON COLUMN lever.company.delivery_days IS
    'Days that rows of the delivery log are kept; never longer than messages are';
COMMENT ON COLUMN lever.company.created_at IS 'When it was added';

CREATE TABLE lever.company_domain (
    company_id bigint NOT NULL REFERENCES lever.company,
    domain text NOT NULL CONSTRAINT company_domain_unique UNIQUE CHECK (lever.is_domain(domain)),
    PRIMARY KEY (company_id, domain)
);

COMMENT ON TABLE lever.company_domain IS 'The domains of a company';
COMMENT ON COLUMN lever.company_domain.company_id IS 'The company';
COMMENT ON COLUMN lever.company_domain.domain IS 'In normal form; belongs to one company in the whole database';

CREATE TABLE lever.forward_lock (
    domain text PRIMARY KEY
);

COMMENT ON TABLE lever.forward_lock IS
    'Domains that belonged to a company or were forwarded to at some time: whoever decides which, holds the row';
COMMENT ON COLUMN lever.forward_lock.domain IS 'The domain';
