import ArgumentParser
import Submission

/// The submission server of an account.
struct AccountServerOptions: ParsableArguments {
    @Option(
        help:
            "Use the server and token URL of: \(MailServiceProvider.allCases.map(\.rawValue).joined(separator: ", ")).")
    var provider: MailServiceProvider?

    @Option(help: "The submission server.")
    var server: String?

    @Option(help: "Its port; else 587, or 465 with --security tls.")
    var port: UInt16?

    @Option(help: "starttls, or tls from the first byte.")
    var security = SubmissionServer.Security.starttls

    @Option(help: "Your user name at the server; else your address.")
    var user: String?

    @Option(help: ArgumentHelp("A PEM file of the authorities that certify the server.", valueName: "file"))
    var caFile: String?

    func validate() throws {
        guard provider != nil || server != nil else { throw ValidationError("Give --provider, or --server.") }
    }

    var host: String { server ?? provider!.host }
}
