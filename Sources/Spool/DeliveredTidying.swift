import Glibc

/// A pass over `delivered/` that removes files that are too old, then the oldest until the limit holds. There may be
/// hundreds of thousands, so it works in slices and remembers where it was. For one thread; an error ends it.
public final class DeliveredTidying {
    private let spool: Spool
    private let limit: Spool.DeliveredLimit
    private var step = Step.begin
    /// Bytes by age, youngest first: it finds the oldest files without a list.
    private var ages = [Int](repeating: 0, count: 1024)
    private var amount = Spool.Amount()
    /// The first age class that is not kept whole, and the bytes of it that are kept.
    private var oldest = 0
    private var spare = 0
    private var files: FileList?

    private enum Step { case begin, expire, shrink, end }

    /// A class, since what is not copyable cannot be an optional property that is changed where it is.
    private final class FileList {
        var files: Spool.DeliveredFiles
        init(_ files: consuming Spool.DeliveredFiles) { self.files = files }
    }

    /// What is left, once the pass is over.
    public private(set) var left = Spool.Amount()

    public init(_ spool: Spool, _ limit: Spool.DeliveredLimit) {
        self.spool = spool
        self.limit = limit
    }

    /// Works on, and asks after each file whether it may go on. Returns whether the pass is over.
    public func work(while mayGoOn: () -> Bool) throws(SpoolError) -> Bool {
        if step == .begin {
            files = FileList(try spool.deliveredFiles())
            step = .expire
        }
        if step == .expire {
            guard try expire(mayGoOn) else { return false }
            try begin(with: amount)
        }
        if step == .shrink {
            guard try shrink(mayGoOn) else { return false }
            step = .end
        }
        left = amount
        return true
    }

    private var classWidth: Int { limit.age / ages.count + 1 }

    private func expire(_ mayGoOn: () -> Bool) throws(SpoolError) -> Bool {
        let now = time(nil)
        while let file = files!.files.next() {
            if now - file.delivered < limit.age {
                amount.files += 1
                amount.bytes += file.bytes
                ages[min(ages.count - 1, max(0, now - file.delivered) / classWidth)] += file.bytes
            } else {
                try spool.remove(file.name, from: .delivered)
            }
            guard mayGoOn() else { return false }
        }
        return true
    }

    /// Decides whether the rest is too much.
    private func begin(with kept: Spool.Amount) throws(SpoolError) {
        let room = min(limit.bytes, (try spool.freeBytes() + kept.bytes) / 2)
        guard kept.bytes > room else {
            step = .end
            return
        }
        // Remove somewhat more than necessary, so that this does not run again for each new message.
        spare = room - room / 8
        while spare >= ages[oldest] {
            spare -= ages[oldest]
            oldest += 1
        }
        amount = Spool.Amount()
        files = FileList(try spool.deliveredFiles())
        step = .shrink
    }

    private func shrink(_ mayGoOn: () -> Bool) throws(SpoolError) -> Bool {
        let now = time(nil)
        while let file = files!.files.next() {
            let age = min(ages.count - 1, max(0, now - file.delivered) / classWidth)
            // Of the boundary's age class, keep as many as fit.
            if age == oldest { spare -= file.bytes }
            if age < oldest || (age == oldest && spare >= 0) {
                amount.files += 1
                amount.bytes += file.bytes
            } else {
                try spool.remove(file.name, from: .delivered)
            }
            guard mayGoOn() else { return false }
        }
        return true
    }
}
