@testable import SettingsFile

enum ConfigurationTarget {
    static func run(_ input: [UInt8]) throws {
        let settings: Settings
        do {
            settings = try Settings(input, path: "file.yaml")
        } catch {
            try require("an error names the file", error.description.hasPrefix("file.yaml:"))
            return
        }
        try require("marker domains are there", !settings.markerDomains.isEmpty)
        try require("the longest wait is the longest", settings.retryMinimum <= settings.retryMaximum)
        try require("a mode is one of permissions", settings.socketMode <= 0o777)
        if let socket = settings.socket {
            try require("an address that is written again is the same", SocketAddress(socket.description) == socket)
        }
        if let spool = settings.spool { try require("a path is absolute", spool.hasPrefix("/")) }
    }
}
