import Glibc

extension Spool {
    /// Puts the spool in order after a crash: empties `tmp/` and moves damaged files to quarantine.
    func recover(_ alarm: (String) -> Void) throws {
        do {
            try complete()
        } catch {
            guard error.isOfDisk else { throw error }
            alarm("\(error)")
        }
        for name in try names(in: .tmp) where unlink(path(.tmp, name)) != 0 {
            let error = SpoolError.system("remove", path(.tmp, name))
            guard error.isOfDisk else { throw error }
            alarm("\(error)")
        }
        for name in try names(in: .new) {
            do {
                try putInOrder(name, alarm)
            } catch let error as SpoolError where error.isGone {
                continue  // An operator's command moved it.
            } catch let error as SpoolError where error.isOfDisk {
                alarm("\(error); tried again later")
            }
        }
    }

    private func putInOrder(_ name: String, _ alarm: (String) -> Void) throws {
        do {
            try SpooledMessage(path: path(.new, name)).verify()
        } catch let error as SpoolError where error.code != 0 {
            throw error
        } catch {
            try quarantine(name, reason: "damaged: \(error)")
            alarm("spool file \(name) is damaged (\(error)); moved to \(directory)/quarantine")
        }
    }
}
