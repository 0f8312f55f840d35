import Foundation

/// Runs leverctl with one configuration.
public struct LeverCtl: Sendable {
    private let configuration: String
    private let passphrase: String?

    /// The passphrase opens private keys; without it leverctl has none.
    public init(configuration: String, passphrase: String? = nil) {
        self.configuration = configuration
        self.passphrase = passphrase
    }

    /// Runs a command, whether it succeeds or fails.
    public func run(_ arguments: String..., timeout: Double = 60) throws -> Command {
        try run(arguments, timeout: timeout)
    }

    /// Runs a command that must succeed, and decodes what `--json` printed.
    public func json<Value: Decodable>(_ arguments: String..., as _: Value.Type = Value.self) throws -> Value {
        let command = try checked(arguments + ["--json"])
        do {
            return try Self.decode(command.output)
        } catch {
            throw HarnessError("leverctl \(arguments.joined(separator: " ")) printed \(command.text): \(error)")
        }
    }

    /// Decodes what `--json` printed: one of `LeverCtlJSON`, or an array of them.
    public static func decode<Value: Decodable>(
        _ output: some Sequence<UInt8>, as _: Value.Type = Value.self
    ) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Value.self, from: Data(output))
    }

    /// Runs a command that must succeed, and returns its output.
    @discardableResult
    public func check(_ arguments: String...) throws -> [UInt8] {
        try checked(arguments).output
    }

    /// Runs a command that must succeed, and returns its output as text.
    public func text(_ arguments: String...) throws -> String { try text(arguments) }
    public func text(_ arguments: [String]) throws -> String { try checked(arguments).text }

    private func checked(_ arguments: [String]) throws -> Command {
        let command = try run(arguments, timeout: 60)
        guard command.status == 0 else {
            throw HarnessError("leverctl \(arguments.joined(separator: " ")): \(command.status): \(command.errors)")
        }
        return command
    }

    public func run(_ arguments: [String], timeout: Double) throws -> Command {
        try Command.run([Products.path("leverctl")] + arguments, environment: environment, timeout: timeout)
    }

    /// leverctl's environment, for a test that starts it some other way.
    public var environment: [String: String] {
        var environment = ["LEVER_CONFIG": configuration]
        if let passphrase { environment["LEVER_PASSPHRASE"] = passphrase }
        return environment
    }
}
