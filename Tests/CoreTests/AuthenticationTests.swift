import Core
import Foundation
import Testing

/// One line of Vectors/authentication-results.tsv.
private struct Vector: CustomTestStringConvertible, Sendable {
    let verdict: String
    let what: String
    /// Topmost first.
    let fields: [String]

    var testDescription: String { "\(verdict): \(what)" }

    static let all: [Vector] = {
        let url = Bundle.module.url(
            forResource: "authentication-results", withExtension: "tsv", subdirectory: "Vectors")!
        return try! String(contentsOf: url, encoding: .utf8).split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
            let columns = $0.split(separator: "\t").map(String.init)
            return Vector(verdict: columns[0], what: columns[1], fields: columns[2...].map(unescaped))
        }
    }()

    private static func unescaped(_ text: String) -> String {
        // As JSON has them.
        try! JSONDecoder().decode(
            String.self, from: Data("\"\(text.replacingOccurrences(of: "\"", with: "\\\""))\"".utf8))
    }
}

@Suite struct AuthenticationTests {
    private func results(_ fields: [String], trusted: [String] = ["mx.acme.example"]) -> AuthenticationResults {
        var header = HeaderSection()
        for field in fields { header.append(name: "Authentication-Results".utf8, value: " \(field)".utf8) }
        return AuthenticationResults(header, trusted: trusted)
    }

    private func verdict(_ fields: [String], for domain: String, trusted: [String] = ["mx.acme.example"])
        -> Authentication
    {
        results(fields, trusted: trusted).verdict(for: domain)
    }

    @Test(arguments: Vector.all)
    fileprivate func `every vector gives the verdict it states`(_ vector: Vector) {
        let results = results(vector.fields)
        let verdict = results.verdict(for: "home.example").rawValue
        switch vector.verdict {
        case "malformed", "untrusted":
            #expect(verdict == "none" && !results.prove("home.example"))
            #expect(results.refuse("home.example") == (vector.verdict == "malformed"))
            #expect(results.doubt("home.example") == (vector.verdict == "malformed"))
        default: #expect(verdict == vector.verdict)
        }
        if vector.verdict == "fail" { #expect(results.refuse("home.example") && results.doubt("home.example")) }
        // Without a trusted host no verdict is read.
        let untrusted = self.results(vector.fields, trusted: [])
        #expect(untrusted.verdict(for: "home.example") == .none && !untrusted.refuse("home.example"))
    }

    @Test func `a pass for another domain does not count`() {
        let fields = ["mx.acme.example; spf=fail smtp.mailfrom=rita@acme.example; dmarc=pass header.from=evil.example"]
        #expect(verdict(fields, for: "evil.example") == .pass)
        #expect(verdict(fields, for: "acme.example") == .fail)
    }

    @Test(arguments: [
        ("dmarc=pass header.from=acme.example", true), ("spf=pass smtp.mailfrom=x@acme.example", true),
        ("dmarc=none header.from=acme.example; spf=pass smtp.mailfrom=x@acme.example", true),
        ("dmarc=fail header.from=acme.example; spf=pass smtp.mailfrom=x@acme.example", false),
        ("dmarc=fail; spf=pass smtp.mailfrom=x@acme.example", false),
        ("dkim=pass header.d=acme.example", false), ("dmarc=pass", false), ("spf=pass", false),
        ("dmarc=pass header.from=sub.acme.example", false), ("dmarc=bestguesspass header.from=acme.example", false),
        ("spf=softfail smtp.mailfrom=x@acme.example", false), ("spf=pass smtp.helo=acme.example", false),
        ("spf=pass smtp.mailfrom=x@acme.example; spf=neutral smtp.mailfrom=acme.example", false), ("none", false),
    ])
    func `a domain is proved by DMARC or SPF for exactly that domain`(_ result: String, _ isProved: Bool) {
        #expect(results(["mx.acme.example; \(result)"]).prove("acme.example") == isProved)
    }

    @Test(arguments: ["bücher.example", "BÜCHER.example", "xn--bcher-kva.example", "XN--Bcher-KVA.example."])
    func `internationalised domains are compared as A-labels`(_ domain: String) {
        let field = "mx.acme.example; dmarc=pass header.from=\(domain); spf=pass smtp.mailfrom=jörg@\(domain)"
        #expect(verdict([field], for: "xn--bcher-kva.example") == .pass)
        #expect(results([field]).prove("xn--bcher-kva.example"))
    }

    @Test(arguments: [
        ("dmarc=pass header.from=home.example", false), ("dmarc=pass header.from=evil.example", true),
        ("dmarc=fail header.from=evil.example", true), ("dmarc=pass header.from=example", false),
        ("dmarc=pass header.from=mail.home.example", true), ("dmarc=pass", false),
        ("spf=pass smtp.mailfrom=evil.example", false),
    ])
    func `whoever checked DMARC for another domain read another author`(_ result: String, _ isAnother: Bool) {
        #expect(results(["mx.acme.example; \(result)"]).nameAnotherAuthor(than: "home.example") == isAnother)
    }

    @Test func `more trusted fields than any host writes prove nothing`() {
        let field = "mx.acme.example; dmarc=pass header.from=home.example"
        #expect(verdict(Array(repeating: field, count: 32), for: "home.example") == .pass)
        #expect(results(Array(repeating: field, count: 33)).refuse("home.example"))
    }

    @Test func `work is bounded on hostile input`() {
        for text in ["(", "\\", "\"", ";", "a=", "a.b=", "=", "(\\", "@", "\r\n "] {
            let value = "mx.acme.example; " + String(repeating: text, count: 500_000 / text.utf8.count)
            #expect(verdict([value], for: "home.example") == .none)
        }
    }
}
