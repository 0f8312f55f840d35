public import Spool

extension EventLog {
    public func spoolAlarm(_ line: String) {
        log(.spoolAlarm, "\(prose: line, "reason")")
    }

    /// Delivered messages were removed because new mail found the disk full.
    public func deliveredFilesRemoved(_ removed: Spool.Amount) {
        log(
            .deliveredFilesRemoved,
            "the spool's disk is full; removed \("files", removed.files) \("bytes", removed.bytes) of delivered/")
    }

    /// A file was moved without leverctl while it was being delivered.
    public func movedByHand(_ name: String, _ area: Spool.Area) {
        log(
            .fileMoved,
            """
            spool file \(prose: name, "file") is no longer in \(prose: area.rawValue, "area")/, where it was delivered \
            from; use leverctl queue to move or remove messages
            """)
    }
}
