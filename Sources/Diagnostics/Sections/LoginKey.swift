import SettingsFile

/// The configuration keys that name a login, and the role it should be a member of.
enum LoginKey: String, CaseIterable {
    case database
    case admin = "admin_database"
    case reader = "reader_database"
    case rekey = "rekey_database"
    case retention = "retention_database"
    case auditor = "auditor_database"
    case `operator` = "operator_database"

    var role: String {
        switch self {
        case .database: "lever_ingest"
        case .admin: "lever_owner"
        case .reader: "lever_reader"
        case .rekey: "lever_rekey"
        case .retention: "lever_retention"
        case .auditor: "lever_auditor"
        case .operator: "lever_operator"
        }
    }

    func value(_ settings: Settings) -> String? {
        switch self {
        case .database: settings.database
        case .admin: settings.adminDatabase
        case .reader: settings.readerDatabase
        case .rekey: settings.rekeyDatabase
        case .retention: settings.retentionDatabase
        case .auditor: settings.auditorDatabase
        case .operator: settings.operatorDatabase
        }
    }
}
