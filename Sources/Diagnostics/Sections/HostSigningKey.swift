import Glibc
import Sealing

/// Reads the public half of this host's signing key.
enum HostSigningKey {
    struct Failure: Error, CustomStringConvertible {
        let description: String
        let isDenied: Bool
    }

    static func read(_ path: String) -> Result<VerifyingKey, Failure> {
        errno = 0
        guard let text = readText(path, limit: 65_536) else {
            return .failure(Failure(description: errorText(), isDenied: errno == EACCES))
        }
        do {
            return .success(try SigningKey(pem: Array(text.utf8)).verifyingKey)
        } catch {
            return .failure(Failure(description: "\(error)", isDenied: false))
        }
    }
}
