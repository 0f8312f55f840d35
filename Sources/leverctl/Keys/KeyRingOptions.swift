import ArgumentParser
import Core
import Reading
import Store

/// The private keys that a reader's command opens messages with.
struct KeyRingOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The company's private key. Repeat it during a rotation.", valueName: "file"))
    var privateKey: [String]

    @OptionGroup var passphrase: PassphraseOptions

    func keyRing() throws -> KeyRing { try passphrase.keyRing(at: privateKey) }
}

/// The private keys that a listing opens addresses with. Without one it shows the rest.
struct AddressKeyOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The private key that opens addresses. Repeat it during a rotation.", valueName: "file"))
    var privateKey: [String] = []

    @OptionGroup var passphrase: PassphraseOptions

    /// A function that opens addresses, once the audit has a row of it; nil without a private key.
    func opener(
        for company: CompanyID, _ owner: OwnerSession, reason: String
    ) throws -> ((SealedProfile) throws -> String)? {
        guard !privateKey.isEmpty else { return nil }
        let keys = try passphrase.keyRing(at: privateKey)
        try owner.recordOpening(reason: reason, of: company)
        return { try CandidateProfile($0, with: keys).email }
    }
}
