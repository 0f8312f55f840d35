import Sealing
import System

/// Reads the public half of this host's signing key.
enum HostSigningKey {
    struct Failure: Error, CustomStringConvertible {
        let description: String
        let isDenied: Bool
    }

    static func read(_ path: String) -> Result<VerifyingKey, Failure> {
        let pem: [UInt8]
        do throws(CredentialError) {
            pem = try CredentialStore.system.contents(of: path, limit: 65_536) ?? []
        } catch {
            return .failure(Failure(description: error.reason, isDenied: error.isDenied))
        }
        do {
            return .success(try SigningKey(pem: pem).verifyingKey)
        } catch {
            return .failure(Failure(description: "\(error)", isDenied: false))
        }
    }
}
