CREATE TABLE lever.schema_version (
    version smallint PRIMARY KEY CHECK (version > 0),
    name text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    code_digest bytea CHECK (octet_length(code_digest) = 32)
);

COMMENT ON TABLE lever.schema_version IS
    'Versions of the schema that this database has had; the highest is its version';
COMMENT ON COLUMN lever.schema_version.version IS 'The number of a step, or of the version installed first';
COMMENT ON COLUMN lever.schema_version.name IS 'The file of the step; tables for the version installed first';
COMMENT ON COLUMN lever.schema_version.applied_at IS 'When leverctl init-db applied it';
COMMENT ON COLUMN lever.schema_version.code_digest IS
    'SHA-256 of the functions, policies and grants that init-db last applied in this version; NULL in earlier versions';
