import Glibc
public import Submission

extension MailAccount {
    /// Longest access token, in bytes.
    private static let tokenLimit = 1 << 16

    /// The credential for a submission now; and the account with its new refresh token, if the provider replaced it,
    /// which must be saved before the old one may stop working. Blocks while the token command runs or the provider
    /// answers.
    ///
    /// Throws `SendError.noToken` or `SubmissionError`.
    public func credential() throws -> (SubmissionCredential, replacement: MailAccount?) {
        switch secret {
        case .password(let password): return (.password(password), nil)
        case .tokenFile(let path): return (.token(try Self.token(inFile: path)), nil)
        case .tokenCommand(let command): return (.token(try Self.token(from: command)), nil)
        case .refreshToken(let token):
            let (access, new) = try token.accessToken(authorities: authorities)
            return (
                .token(access),
                new.map {
                    var account = self
                    account.secret = .refreshToken($0)
                    return account
                }
            )
        }
    }

    private static func token(inFile path: String) throws(SendError) -> String {
        guard let file = fopen(path, "re") else {
            throw .noToken("\(path): \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        return try token(in: contents(of: file), of: path)
    }

    private static func token(from command: String) throws(SendError) -> String {
        fflush(nil)
        guard let pipe = popen(command, "re") else {
            throw .noToken("the token command: \(String(cString: strerror(errno)))")
        }
        let bytes = contents(of: pipe)
        let status = pclose(pipe)
        guard status == 0 else {
            throw .noToken("the token command failed (status \(status >> 8)); run it by hand to see why")
        }
        return try token(in: bytes, of: "the token command")
    }

    private static func contents(of file: UnsafeMutablePointer<FILE>) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: tokenLimit + 1) { $1 = fread($0.baseAddress!, 1, tokenLimit + 1, file) }
    }

    /// The first line, if it can be a token (RFC 6750 section 2.1 allows fewer characters).
    static func token(in bytes: [UInt8], of source: String) throws(SendError) -> String {
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        guard !line.isEmpty, line.count <= tokenLimit, line.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw .noToken("\(source) gives no access token: one line of visible ASCII")
        }
        return String(decoding: line, as: UTF8.self)
    }
}
