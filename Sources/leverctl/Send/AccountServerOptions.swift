import ArgumentParser
import Core
import Submission

/// The submission server of an account.
struct AccountServerOptions: ParsableArguments {
    @Option(help: "Use the server and token URL of google or microsoft. On-premise exchange needs --server.")
    var provider: MailProvider?

    @Option(help: "The submission server.")
    var server: String?

    @Option(help: "Its port; else 587, or 465 with --security tls.")
    var port: UInt16?

    @Option(help: "starttls, or tls from the first byte.")
    var security = SubmissionServer.Security.starttls

    @Option(help: "Your user name at the server; else your address.")
    var user: String?

    @Option(
        help: ArgumentHelp("A PEM file of the authorities that certify the server.", valueName: "file"),
        completion: .file())
    var caFile: String?

    func validate() throws {
        guard server != nil || provider?.submissionHost != nil else {
            throw ValidationError(
                provider == nil
                    ? "Give --provider, or --server."
                    : "Exchange is on the company's own server; name it with --server.")
        }
    }

    var host: String { server ?? provider!.submissionHost! }
}
