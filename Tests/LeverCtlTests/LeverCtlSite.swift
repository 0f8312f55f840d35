import DatabaseSupport
import Store
import TestSupport
import Unsealing

/// A company in a database, and leverctl with the settings of its administrator and of a super admin. The candidate is
/// Zoë <zoe@home.example>.
struct LeverCtlSite {
    static let passphrase = "correct horse battery staple"

    let company: DatabaseCompany
    let login: String
    /// With both logins.
    let ctl: LeverCtl
    /// With the reader's login alone.
    let reader: LeverCtl
    let configuration: String
    /// The company's private key.
    let key: String

    init() throws {
        company = try DatabaseCompany()
        (_, login) = try company.newReader()
        key = try company.directory.write(
            "acme.pem", company.key.pem(passphrase: Array(Self.passphrase.utf8)), mode: 0o600)
        let readerLine = "reader_database: \(company.conninfo(user: login))\n"
        configuration = try company.directory.write(
            "both.yaml", readerLine + "admin_database: \(company.conninfo(user: "administrator"))\n")
        ctl = LeverCtl(configuration: configuration, passphrase: Self.passphrase)
        reader = LeverCtl(
            configuration: try company.directory.write("reader.yaml", readerLine), passphrase: Self.passphrase)
    }

    /// Names that the user opened.
    func openedNames() throws -> Int {
        Int(
            try company.query("SELECT count(*) FROM lever.audit WHERE login = '\(login)' AND action = 'profile'"))!
    }
}
