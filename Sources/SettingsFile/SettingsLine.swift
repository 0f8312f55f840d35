import System

/// One key and its value in a configuration file or the environment, as a `SettingsReader` sees them.
struct SettingsLine {
    let entry: YAMLDocument.Entry
    let origin: SettingsOrigin
    let credentials: CredentialStore

    /// `problem` continues a sentence that begins with the key.
    func error(_ problem: String) -> ConfigurationError {
        switch origin {
        case .file(let path, let line): ConfigurationError(path: path, line: line, "'\(entry.key)' \(problem)")
        case .variable(let name): ConfigurationError("\(name) in the environment \(problem)")
        }
    }

    func text() throws(ConfigurationError) -> String {
        guard case .scalar(let text) = entry.value, !text.isEmpty else { throw error("must have one value") }
        return text
    }

    /// A single value is a list of one.
    func list() -> [String] {
        switch entry.value {
        case .scalar(let text): [text]
        case .list(let list): list
        }
    }

    func address(_ form: String) throws(ConfigurationError) -> SocketAddress {
        guard let address = SocketAddress(try text()) else { throw error(form) }
        if case .unix(let path) = address, path.utf8.count > SocketAddress.pathLimit {
            throw error("is a path longer than \(SocketAddress.pathLimit) bytes; shorten it")
        }
        return address
    }

    func choice(of words: [String]) throws(ConfigurationError) -> String {
        let text = try text()
        guard words.contains(text) else { throw error("must be one of \(words.joined(separator: ", "))") }
        return text
    }
}
