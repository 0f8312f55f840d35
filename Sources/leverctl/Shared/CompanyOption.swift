import ArgumentParser
import Store

/// The company that a command works on.
struct CompanyOption: ParsableArguments {
    @Option(help: "The company, by name or id.")
    var company: String

    /// The company, if the session's login sees it. Throws `StoreError.unknownCompany`.
    func find(in session: some CompanyFinder) throws -> CompanyRecord { try session.company(company) }
}

/// A session that finds companies by name or id.
protocol CompanyFinder {
    func company(_ nameOrID: String) throws -> CompanyRecord
}

extension OwnerSession: CompanyFinder {}
extension ReaderSession: CompanyFinder {}
extension AuditorSession: CompanyFinder {}
extension RekeySession: CompanyFinder {}
extension RetentionSession: CompanyFinder {}
