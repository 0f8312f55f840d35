/// The quarantine as the daemon uses it; operators use `SpoolAccess`.
extension Spool {
    /// Removes a message in quarantine that was erased elsewhere.
    public func discard(_ name: String) throws(SpoolError) {
        try remove(name, from: .quarantine)
        try remove(name + ".reason", from: .quarantine)
    }

    /// Moves a message to quarantine, with a line that says why. Both files are durable when this returns.
    ///
    /// On an error the message stays where it was, and the call may be repeated. A full disk is not an error: the move
    /// needs no space, and other messages wait behind this one. The reason is in the log too.
    public func quarantine(_ name: String, from area: Area = .new, reason: String) throws(SpoolError) {
        try complete()
        try Quarantine(directory: directory).take(name, from: area, reason: reason)
    }
}
