-- Mail hosts see which version the schema has: a daemon and a schema that do not fit say so.

SET LOCAL ROLE lever_owner;

GRANT SELECT (version) ON lever.schema_version TO lever_ingest;
