/// Every check by its stable name, which monitoring searches for. docs/reference/checks.md has a row for each.
public enum CheckID: String, CaseIterable, Sendable {
    case configurationFile = "configuration.file"
    case configurationRequired = "configuration.required"
    case configurationMode = "configuration.mode"
    case configurationPassword = "configuration.password"
    case configurationPrivateKeys = "configuration.private_keys"
    case configurationSigningKey = "configuration.signing_key"
    case configurationSigningKeyMode = "configuration.signing_key_mode"
    case configurationValues = "configuration.values"

    case daemonRunning = "daemon.running"
    case daemonAnswers = "daemon.answers"
    case daemonUser = "daemon.user"
    case daemonConfiguration = "daemon.configuration"
    case daemonBinary = "daemon.binary"
    case daemonDescriptors = "daemon.descriptors"
    case daemonTimeLimit = "daemon.time_limit"

    case socketExists = "socket.exists"
    case socketMode = "socket.mode"
    case socketAddress = "socket.address"
    case socketAccess = "socket.access"
    case socketTimeLimit = "socket.time_limit"

    case postfixSetup = "postfix.setup"
    case postfixVersion = "postfix.version"
    case postfixSMTPDMilters = "postfix.smtpd_milters"
    case postfixNonSMTPDMilters = "postfix.non_smtpd_milters"
    case postfixOverrides = "postfix.overrides"
    case postfixNoMilters = "postfix.no_milters"
    case postfixMilterMaps = "postfix.milter_maps"
    case postfixOrder = "postfix.order"
    case postfixDefaultAction = "postfix.default_action"
    case postfixTimeouts = "postfix.timeouts"
    case postfixProtocol = "postfix.protocol"
    case postfixBareNewline = "postfix.bare_newline"
    case postfixMessageSizeLimit = "postfix.message_size_limit"
    case postfixTimeLimit = "postfix.time_limit"

    case databaseReachable = "database.reachable"
    case databaseLogin = "database.login"
    case databaseAdminLogin = "database.admin_login"
    case databaseSchema = "database.schema"
    case databaseServerVersion = "database.server_version"
    case databaseTLS = "database.tls"
    case databaseDurability = "database.durability"
    case databaseRouting = "database.routing"
    case databaseHosts = "database.hosts"
    case databaseTimeLimit = "database.time_limit"

    case keysSealing = "keys.sealing"
    case keysMarker = "keys.marker"
    case keysIndex = "keys.index"
    case keysSigning = "keys.signing"
    case keysRotation = "keys.rotation"
    case keysTimeLimit = "keys.time_limit"

    case spoolDirectory = "spool.directory"
    case spoolMode = "spool.mode"
    case spoolFileSystem = "spool.file_system"
    case spoolReadOnly = "spool.read_only"
    case spoolSpace = "spool.space"
    case spoolInodes = "spool.inodes"
    case spoolQuarantine = "spool.quarantine"
    case spoolWaiting = "spool.waiting"
    case spoolLeftovers = "spool.leftovers"
    case spoolRouting = "spool.routing"
    case spoolTimeLimit = "spool.time_limit"

    case clockDatabase = "clock.database"
    case clockSynchronised = "clock.synchronised"
    case clockTimeLimit = "clock.time_limit"

    public var section: Section { Section(rawValue: String(rawValue.prefix { $0 != "." }))! }
}

/// What belongs together. In the order in which it is shown.
public enum Section: String, CaseIterable, Sendable {
    case configuration, daemon, socket, postfix, database, keys, spool, clock

    /// A mail host has it; an administrator's or a reader's machine has not.
    var isOfMailHost: Bool { [.daemon, .socket, .postfix, .spool].contains(self) }

    var timeLimit: CheckID { CheckID(rawValue: "\(rawValue).time_limit")! }
}
