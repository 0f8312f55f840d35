/// The schema in the trial's database, and the roles of its logins.
struct SchemaStep: Step {
    let trial: Trial
    let title = "the schema"

    func isDone() throws -> Bool {
        let query = """
            SELECT to_regnamespace('lever') IS NOT NULL
                AND (SELECT count(*) FROM pg_auth_members AS m JOIN pg_roles AS r ON r.oid = m.member
                    JOIN pg_roles AS g ON g.oid = m.roleid WHERE (r.rolname, g.rolname) IN
                    (('\(TrialPlan.readerLogin)', 'lever_reader'), ('\(TrialPlan.daemon)', 'lever_ingest'))) = 2
            """
        return trial.server.rows(query, in: TrialPlan.database) == ["t"]
    }

    func actions() throws -> [Action] {
        // The last two take from every login what could fill the disk, which only a superuser can.
        let statements = """
            GRANT lever_reader TO \(TrialPlan.readerLogin);
            GRANT lever_ingest TO \(TrialPlan.daemon);
            ALTER DATABASE \(TrialPlan.database) SET temp_file_limit = '1GB';
            REVOKE EXECUTE ON FUNCTION lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea) FROM PUBLIC;

            """
        return [
            .run(trial.plan.leverctl("init-db")), .run(PostgresServer.command(statements, in: TrialPlan.database)),
        ]
    }
}
