import Core
import System

/// The form of a key's value: reads it from a line, or throws what the form must be.
struct SettingsReader<Value>: Sendable {
    let read: @Sendable (SettingsLine) throws(ConfigurationError) -> Value
}

extension SettingsReader where Value == String {
    static var text: Self { Self { line throws(ConfigurationError) in try line.text() } }

    static var absolutePath: Self {
        Self { line throws(ConfigurationError) in
            let path = try line.text()
            guard path.hasPrefix("/") else { throw line.error("must be an absolute path") }
            return path
        }
    }

    /// An absolute path, or `credential:NAME`, which becomes the path of the credential's file.
    static var secretFile: Self {
        Self { line throws(ConfigurationError) in
            let text = try line.text()
            if text.hasPrefix("credential:") {
                guard let file = line.credentials.path(of: String(text.dropFirst("credential:".count))) else {
                    throw line.error("must be credential:NAME, with a name that the service manager knows")
                }
                return file
            }
            guard text.hasPrefix("/") else { throw line.error("must be an absolute path, or credential:NAME") }
            return text
        }
    }

    static var hostName: Self {
        Self { line throws(ConfigurationError) in
            let name = try line.text()
            guard name.utf8.count <= 255, name.utf8.allSatisfy(isVisible) else {
                throw line.error("must be a name such as mx1.example")
            }
            return name
        }
    }

    static func word(of words: [String]) -> Self {
        Self { line throws(ConfigurationError) in try line.choice(of: words) }
    }
}

extension SettingsReader where Value: RawRepresentable<String> & CaseIterable & Sendable {
    static var choice: Self {
        let words = Value.allCases.map(\.rawValue)
        let values = Dictionary(uniqueKeysWithValues: zip(words, Value.allCases))
        return Self { line throws(ConfigurationError) in values[try line.choice(of: words)]! }
    }
}

extension SettingsReader<Bool> {
    static var yesOrNo: Self {
        Self { line throws(ConfigurationError) in try line.choice(of: ["yes", "no"]) == "yes" }
    }
}

extension SettingsReader<[String]> {
    static var domains: Self {
        Self { line throws(ConfigurationError) in
            let domains = line.list().map { Domain($0)?.text }
            guard !domains.isEmpty, !domains.contains(nil) else {
                throw line.error("must be a list of domains such as [hire.lever.co]")
            }
            return domains.compactMap(\.self)
        }
    }

    static var authservIDs: Self {
        Self { line throws(ConfigurationError) in
            let names = line.list().map { $0.lowercased() }
            let semicolon = UInt8(ascii: ";")
            guard names.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { isVisible($0) && $0 != semicolon } }) else {
                throw line.error("must be a list of names such as [mx.example.com], as they stand first in the fields")
            }
            return names
        }
    }
}

extension SettingsReader<[String]> {
    /// Paths of files. `~` is the user's home; a relative path starts at the directory of the file that has the line, and
    /// stays as it is in the environment.
    static var files: Self {
        Self { line throws(ConfigurationError) in
            try line.list().map { path throws(ConfigurationError) in try expanded(path, line) }
        }
    }

    private static func expanded(_ path: String, _ line: SettingsLine) throws(ConfigurationError) -> String {
        guard !path.isEmpty, path == "~" || !path.hasPrefix("~") || path.hasPrefix("~/") else {
            throw line.error("must be a path or a list of paths; of homes, only ~ is yours")
        }
        if path.hasPrefix("~") {
            guard let home = homeDirectory() else { throw line.error("has ~, but HOME is not set; write it out") }
            return home + path.dropFirst()
        }
        guard !path.hasPrefix("/"), case .file(let file, _) = line.origin else { return path }
        return "\(directory(of: file))/\(path)"
    }
}

extension SettingsReader<[IPNetwork]> {
    static var networks: Self {
        Self { line throws(ConfigurationError) in
            let networks = line.list().map { IPNetwork($0) }
            guard !networks.contains(nil) else {
                throw line.error("must be a list of addresses and networks such as [127.0.0.0/8, 192.0.2.25]")
            }
            return networks.compactMap(\.self)
        }
    }
}

extension SettingsReader<Int> {
    static func number(_ range: ClosedRange<Int>) -> Self {
        Self { line throws(ConfigurationError) in
            guard let number = Int(try line.text()), range.contains(number) else {
                throw line.error("must be a number from \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }
    }
}

extension SettingsReader<UInt32> {
    static var octalMode: Self {
        Self { line throws(ConfigurationError) in
            guard let mode = UInt32(try line.text(), radix: 8), mode <= 0o777 else {
                throw line.error("must be an octal mode such as 0660")
            }
            return mode
        }
    }
}

extension SettingsReader<SocketAddress> {
    static var address: Self {
        Self { line throws(ConfigurationError) in
            try line.address("must be unix:/path, inet:port@host, inet6:port@host or fd:number")
        }
    }

    static var localAddress: Self {
        Self { line throws(ConfigurationError) in
            let form =
                "must be unix:/path, inet:port@127.0.0.1 or inet6:port@::1: metrics are readable on this host only"
            let address = try line.address(form)
            guard address.isLocal else { throw line.error(form) }
            return address
        }
    }
}

/// Visible ASCII.
private func isVisible(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7f }
