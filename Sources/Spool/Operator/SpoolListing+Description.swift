public import Core
import Glibc

extension SpoolListing {
    /// One message and its file in detail.
    public struct Description {
        public let place: SpoolAccess.SpoolLocation
        public let path: String
        /// Nil if the file does not have the format.
        public let message: SpooledMessage?
        /// What is wrong with the file; nil if it is intact.
        public let damage: String?
        /// Bytes of the file.
        public let size: Int
        public let modifiedAt: Timestamp
        /// The reason for quarantine; nil elsewhere.
        public let reason: String?

        /// Nil if the file no longer exists.
        init?(_ place: SpoolAccess.SpoolLocation, path: String) throws {
            var status = stat()
            guard lstat(path, &status) == 0 else {
                if errno == ENOENT { return nil }
                throw SpoolError.system("read", path)
            }
            self.place = place
            self.path = path
            size = Int(status.st_size)
            modifiedAt = Timestamp(status.st_mtim)
            reason = place.area == .quarantine ? try SpoolListing.reason(besides: path) : nil
            var message: SpooledMessage?
            do {
                message = try SpooledMessage(path: path)
                try message?.verify()
                damage = nil
            } catch let error as SpoolError where error.isGone {
                return nil
            } catch let error as SpoolError where error.isForbidden {
                throw error
            } catch {
                damage = "\(error)"
            }
            self.message = message
        }
    }
}
