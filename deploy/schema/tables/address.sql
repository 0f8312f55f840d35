-- Sealed addresses of people who are no candidates: users, and those whose mail is never captured.

CREATE TABLE lever.address (
    company_id bigint NOT NULL REFERENCES lever.company,
    entry_id uuid NOT NULL,
    head bytea CHECK (octet_length(head) > 0),
    tail bytea CHECK (octet_length(tail) > 0),
    bound_at timestamptz NOT NULL,
    PRIMARY KEY (company_id, entry_id)
);

COMMENT ON TABLE lever.address IS 'Sealed addresses';
COMMENT ON COLUMN lever.address.company_id IS 'The company';
COMMENT ON COLUMN lever.address.entry_id IS 'Its name here, part of its sealed binding';
COMMENT ON COLUMN lever.address.head IS 'Head of the sealed address; NULL where the keys that opened it are destroyed';
COMMENT ON COLUMN lever.address.tail IS 'Tail of the sealed address; NULL where the keys that opened it are destroyed';
COMMENT ON COLUMN lever.address.bound_at IS 'Its time, part of its sealed binding';

CREATE TABLE lever.address_index (
    company_id bigint NOT NULL,
    entry_id uuid NOT NULL,
    index_version smallint NOT NULL CHECK (index_version BETWEEN 1 AND 255),
    email_index bytea NOT NULL CHECK (octet_length(email_index) = 16),
    PRIMARY KEY (company_id, entry_id, index_version),
    FOREIGN KEY (company_id, entry_id) REFERENCES lever.address ON DELETE CASCADE
);

COMMENT ON TABLE lever.address_index IS
    'Blind indices of addresses, one for each index key that was in use while the address was here';
COMMENT ON COLUMN lever.address_index.company_id IS 'The company';
COMMENT ON COLUMN lever.address_index.entry_id IS 'The address';
COMMENT ON COLUMN lever.address_index.index_version IS 'The index key';
COMMENT ON COLUMN lever.address_index.email_index IS 'The blind index under that key';

CREATE TABLE lever.never_log (
    company_id bigint NOT NULL REFERENCES lever.company,
    entry_id uuid NOT NULL,
    address_id uuid,
    domain text CHECK (lever.is_domain(domain)),
    added_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id, entry_id),
    UNIQUE (company_id, domain),
    FOREIGN KEY (company_id, address_id) REFERENCES lever.address (company_id, entry_id),
    CONSTRAINT never_log_is_address_or_domain CHECK ((address_id IS NULL) <> (domain IS NULL))
);

COMMENT ON TABLE lever.never_log IS 'Addresses and domains whose mail is never captured, marked or not';
COMMENT ON COLUMN lever.never_log.company_id IS 'The company';
COMMENT ON COLUMN lever.never_log.entry_id IS 'The name of this exclusion';
COMMENT ON COLUMN lever.never_log.address_id IS 'The address; NULL for a domain';
COMMENT ON COLUMN lever.never_log.domain IS 'The domain, in normal form; NULL for an address';
COMMENT ON COLUMN lever.never_log.added_at IS 'When it was added';
