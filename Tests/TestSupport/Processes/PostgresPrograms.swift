import Foundation

/// Where PostgreSQL's programs are: Debian keeps them out of PATH, in a directory for each major release.
enum PostgresPrograms {
    /// The directory of the newest release that is installed; none if PostgreSQL is not.
    static let directory: String? = {
        let releases = "/usr/lib/postgresql"
        return (try? FileManager.default.contentsOfDirectory(atPath: releases))?
            .compactMap { name in Int(name).map { (release: $0, directory: "\(releases)/\(name)/bin") } }
            .filter { FileManager.default.isExecutableFile(atPath: "\($0.directory)/initdb") }
            .max { $0.release < $1.release }?.directory
    }()
}
