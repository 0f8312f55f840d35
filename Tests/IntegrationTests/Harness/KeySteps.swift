import Foundation
import TestSupport
import Testing

func sealingKeys(_ company: OwnCompany) throws -> [LeverCtlJSON.Key] {
    let keys: [LeverCtlJSON.Key] = try company.ctl.json("key", "list", "--company", company.name)
    return keys.filter { $0.kind == "sealing" }
}

/// Takes a rotation one step further once every mail host has the previous one, and returns the state.
func rotate(_ company: OwnCompany, _ options: String...) async throws -> String {
    let command = try await succeeding(company, ["key", "rotate"] + options + ["--json"])
    return try LeverCtl.decode(command.output, as: LeverCtlJSON.RotationStep.self).state
}

/// Retires or destroys a key once no mail host can use it any more.
func end(_ verb: String, _ key: String, _ company: OwnCompany, _ options: String...) async throws {
    _ = try await succeeding(company, ["key", verb, key] + options)
}

func expectState(_ state: String, _ expected: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    try #require(state == expected, sourceLocation: sourceLocation)
}

/// Repeats a command of a company until the mail hosts are ready for it.
private func succeeding(_ company: OwnCompany, _ arguments: [String]) async throws -> Command {
    try await waitFor("every mail host to have the newest keys") {
        let command = try company.ctl.run(arguments + ["--company", company.name], timeout: 60)
        if command.status != 0, !command.errors.contains("do not have the newest keys yet") {
            throw HarnessError("leverctl \(arguments): \(command.errors)")
        }
        return command.status == 0 ? command : nil
    }
}

/// A mail host with a registered signing key.
func signingHost(_ name: String, _ company: OwnCompany) throws -> OwnMailHost {
    let key = company.directory.file("\(name).key")
    try company.ctl.check("host", "add", name, "--signing-key", key)
    return try OwnMailHost(name, signingKey: key)
}
