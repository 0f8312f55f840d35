-- Who works for a company, by database login.

CREATE TABLE lever.app_user (
    company_id bigint NOT NULL REFERENCES lever.company,
    login text NOT NULL CONSTRAINT app_user_login_unique UNIQUE CHECK (length(login) BETWEEN 1 AND 63),
    role text NOT NULL CHECK (role IN ('super_admin', 'admin', 'team_member', 'limited_team_member')),
    address_id uuid NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now(),
    disabled_at timestamptz,
    send_granted_at timestamptz,
    read_granted_at timestamptz,
    PRIMARY KEY (company_id, login),
    CONSTRAINT app_user_read_with_send CHECK (read_granted_at IS NULL OR send_granted_at IS NOT NULL),
    FOREIGN KEY (company_id, address_id) REFERENCES lever.address (company_id, entry_id)
);

COMMENT ON TABLE lever.app_user IS 'People who read timelines';
COMMENT ON COLUMN lever.app_user.company_id IS 'The company';
COMMENT ON COLUMN lever.app_user.login IS 'The database login; a user of one company only';
COMMENT ON COLUMN lever.app_user.role IS 'What the user may see and do';
COMMENT ON COLUMN lever.app_user.address_id IS 'The user''s address, which shows in which threads the user takes part';
COMMENT ON COLUMN lever.app_user.added_at IS 'When the user was added';
COMMENT ON COLUMN lever.app_user.disabled_at IS 'When the user was disabled; NULL while active';
COMMENT ON COLUMN lever.app_user.send_granted_at IS
    'When the user agreed that the product sends from the user''s mailbox; NULL while not agreed';
COMMENT ON COLUMN lever.app_user.read_granted_at IS
    'When the user agreed that the product reads the user''s mailbox; always NULL under limited sync';

CREATE TABLE lever.access_grant (
    company_id bigint NOT NULL REFERENCES lever.company,
    login text NOT NULL CHECK (length(login) BETWEEN 1 AND 63),
    granted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (company_id, login)
);

COMMENT ON TABLE lever.access_grant IS
    'Logins that re-wrap keys, erase, audit or operate for a company; their database roles say which of these';
COMMENT ON COLUMN lever.access_grant.company_id IS 'The company';
COMMENT ON COLUMN lever.access_grant.login IS 'The database login';
COMMENT ON COLUMN lever.access_grant.granted_at IS 'When it was granted access';
