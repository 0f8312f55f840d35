import Foundation
import SMIME
import Testing

/// The fixtures are made with `openssl cms` (Fixtures/SMIME/make); their certificates are valid from 2026 on, for a
/// hundred years.
@Suite struct SMIMETests {
    /// 1 December 2026, and a time before the certificates were made.
    private static let received = 1_796_119_800
    private static let before = 1_600_000_000

    @Test(arguments: [
        ("encrypted-smime", SMIMEContent.encrypted), ("encrypted-smime-gcm", .encrypted), ("certs-only", .certificates),
    ])
    func `what a structure is, it says itself`(_ name: String, _ content: SMIMEContent) throws {
        #expect(SMIMEContent(try Self.structure(name)) == content)
    }

    @Test func `what is signed inside a structure is a MIME entity`() throws {
        guard case .signed(let content?) = SMIMEContent(try Self.structure("signed-opaque")) else {
            Issue.record("not signed")
            return
        }
        let text = String(decoding: content, as: UTF8.self)
        #expect(text.hasPrefix("Content-Type: text/plain; charset=utf-8\r\n"))
        #expect(text.contains("salary 4711"))
    }

    @Test(arguments: [
        [], [0x30], Array("no structure".utf8), [0x30, 0x80, 0x06, 0x01], Array(repeating: 0x30, count: 10_000),
    ])
    func `bytes that are no structure are none`(_ bytes: [UInt8]) {
        #expect(SMIMEContent(bytes) == nil)
        let signature = Signature(bytes, content: nil, authorities: nil, at: 0)
        #expect(signature.state == .invalid("the signature is damaged"))
    }

    /// A signed message, the authorities that the reader names, and what that makes of the signature.
    static let checks: [(name: String, authorities: String?, time: Int, state: Signature.State, signers: [String])] = [
        ("signed-opaque", nil, received, .notChecked, ["joerg@home.example"]),
        ("signed-opaque", "authority", received, .valid, ["joerg@home.example"]),
        ("signed-opaque", "other-authority", received, .invalid(unknownSigner), ["joerg@home.example"]),
        ("signed-opaque", "authority", before, .invalid(unknownSigner), ["joerg@home.example"]),
        ("signed-detached", "authority", received, .valid, ["joerg@home.example"]),
        ("signed-by-another", "authority", received, .valid, ["eve@elsewhere.example"]),
        (
            "signed-changed", "authority", received, .invalid("the message was changed after it was signed"),
            ["joerg@home.example"]
        ),
        ("signed-without-certificate", "authority", received, .invalid("the signer's certificate is missing"), []),
        ("encrypted-smime", "authority", received, .invalid("the signature is damaged"), []),
    ]
    private static let unknownSigner =
        "no given authority vouches for the signer, or the certificate was not valid at the time"

    @Test(arguments: checks)
    func `a signature is valid if the text is as signed and a given authority vouches for the signer`(
        name: String, authorities: String?, time: Int, state: Signature.State, signers: [String]
    ) throws {
        let authorities = try authorities.map { try CertificateAuthorities(pem: Self.file("\($0).pem")) }
        let signature = Signature(
            try Self.structure(name), content: try Self.detached(name), authorities: authorities, at: time)
        #expect(signature.state == state)
        #expect(signature.signers.flatMap(\.addresses) == signers)
        #expect(signature.signers.allSatisfy { $0.issuer == "Example Mail CA" })
    }

    @Test func `a file without certificates names no authorities`() throws {
        #expect(throws: SMIMEError.noCertificates) { try CertificateAuthorities(pem: Array("x".utf8)) }
    }

    private static func file(_ name: String) throws -> [UInt8] {
        let path = "\(Bundle.module.resourcePath!)/Fixtures/SMIME/\(name)"
        return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// The structure in base64 at the end of a message.
    private static func structure(_ name: String) throws -> [UInt8] {
        let text = String(decoding: try file("\(name).eml"), as: UTF8.self)
        let base64 = try #require(
            text.components(separatedBy: "\r\n\r\n").map { $0.components(separatedBy: "\r\n--")[0] }
                .last { $0.hasPrefix("MI") })
        return Array(try #require(Data(base64Encoded: base64, options: .ignoreUnknownCharacters)))
    }

    /// The first part of a multipart/signed; nil in other messages.
    private static func detached(_ name: String) throws -> [UInt8]? {
        let parts = String(decoding: try file("\(name).eml"), as: UTF8.self).components(separatedBy: "\r\n------")
        guard parts.count > 2, let end = parts[1].range(of: "\r\n") else { return nil }
        return Array(parts[1][end.upperBound...].utf8)
    }
}
