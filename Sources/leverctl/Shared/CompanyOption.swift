import ArgumentParser
import SettingsFile
import Store

/// The company that a command works on.
struct CompanyOption: ParsableArguments {
    @Option(
        help: """
            The company, by name or id; else $LEVER_COMPANY, else 'company' in the settings, else the only one that \
            your login sees.
            """, completion: .companies)
    var company: String?

    /// The company, if the session's login sees it. Throws `StoreError.unknownCompany`, or which companies there are if
    /// none is named.
    func find(in session: some CompanyFinder, _ shared: SharedOptions) throws -> CompanyRecord {
        if let company { return try session.company(company) }
        let settings = try shared.loadedSettings()
        guard let preset = settings.company else { return try Self.only(of: session.companies(), settings) }
        do {
            return try session.company(preset)
        } catch let error as StoreError {
            let origin = settings.given["company"].map { "\($0.origin): " } ?? ""
            throw CommandError("\(origin)\(error)")
        }
    }

    /// The only company. Throws if there are none or several.
    static func only(of companies: [CompanyRecord], _ settings: Settings) throws(CommandError) -> CompanyRecord {
        guard let first = companies.first else {
            throw CommandError(
                "this login sees no company; an administrator makes one (leverctl company add) and lets logins see it "
                    + "(leverctl user add, leverctl access grant)")
        }
        guard companies.count == 1 else {
            let shown = companies.prefix(shownCompanies).map(\.name).joined(separator: ", ")
            let more = companies.count > shownCompanies ? " and \(companies.count - shownCompanies) more" : ""
            throw CommandError(
                "there are several companies: \(shown)\(more); say which one with --company, LEVER_COMPANY, or "
                    + "'company' in \(settings.ownPath)")
        }
        return first
    }

    private static let shownCompanies = 20
}

/// A session that finds companies by name or id.
protocol CompanyFinder {
    func company(_ nameOrID: String) throws -> CompanyRecord
    /// Those that the login sees, sorted by name.
    func companies() throws -> [CompanyRecord]
}

extension OwnerSession: CompanyFinder {}
extension ReaderSession: CompanyFinder {}
extension AuditorSession: CompanyFinder {}
extension RekeySession: CompanyFinder {}
extension RetentionSession: CompanyFinder {}
