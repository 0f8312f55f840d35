import Core
import Spool
import System

/// What waits in the spool, by company: each company in turn gives a batch, so that no company's mail waits for
/// another's backlog, or for locks that another's logins hold. A plain value, of the delivery thread.
///
/// A name takes some 60 bytes here. Of very many files the oldest are listed, and the others when these are delivered.
struct WaitingMessages {
    struct Item: Hashable {
        let name: SpoolFileName
        let area: Spool.Area
    }

    struct Batch: Equatable {
        let company: CompanyID
        let items: [Item]
    }

    /// Files that are listed at most.
    static let limit = 1_000_000

    /// Everything that was listed and is not finished, with what is being delivered.
    private var known: Set<Item> = []
    private var redelivered = 0
    /// Listed files whose company is not known yet: by listing, each with the oldest file last.
    private var unread: [[Item]] = []
    private var companies: [CompanyID: CompanyQueue] = [:]
    /// Companies with messages to be tried, in their turns.
    private var turns = Fifo<CompanyID>()
    /// Companies whose messages wait for a time.
    private var resting: Set<CompanyID> = []
    /// Companies whose last attempt was held up, and perhaps some that had no message since.
    private var heldUp: Set<CompanyID> = []

    /// However many companies are held up, their attempts take a quarter of the time together, unless a company would
    /// have to rest for longer than a minute.
    private static let (restFactor, longestRest) = (8.0, 60.0)

    // MARK: Listing

    var hasUnread: Bool { !unread.isEmpty }
    /// Messages that are to be redelivered, or are on their way.
    var hasRedelivered: Bool { redelivered > 0 }

    /// Takes a listing of an area. What is known already is left alone.
    mutating func list(_ names: consuming DirectoryNames, in area: Spool.Area) {
        var added: [Item] = []
        while let name = names.next() {
            let item = Item(name: SpoolFileName(name), area: area)
            if !known.contains(item) { added.append(item) }
        }
        guard !added.isEmpty else { return }
        added.sort { $0.name > $1.name }
        if known.count + added.count > Self.limit { added.removeFirst(known.count + added.count - Self.limit) }
        guard !added.isEmpty else { return }
        known.formUnion(added)
        if area == .redeliver { redelivered += added.count }
        // Of several listings the last is read first: it is short, unless nothing was listed before.
        unread.append(added)
    }

    /// The next file whose company must be read.
    mutating func nextUnread() -> Item? {
        guard let last = unread.indices.last else { return nil }
        // None is empty.
        let item = unread[last].removeLast()
        if unread[last].isEmpty { unread.removeLast() }
        return item
    }

    /// The file is of that company.
    mutating func add(_ item: Item, of company: CompanyID) {
        update(company) { $0.append(item) }
    }

    /// The file was taken as one company's, and is another's.
    mutating func move(_ item: Item, from company: CompanyID, to other: CompanyID) {
        update(company) { $0.forget(item) }
        add(item, of: other)
    }

    // MARK: Taking

    /// The next company's messages, at most `most`. Nil if nothing is to be tried now.
    mutating func next(_ most: Int, now: Double) -> Batch? {
        for company in resting where companies[company]!.nextAttempt.map({ $0 <= now }) ?? true {
            resting.remove(company)
            turns.append(company)
        }
        while let company = turns.popFirst() {
            // Taken out, so that it is changed where it is.
            var queue = companies.removeValue(forKey: company)!
            let items = queue.take(most, now: now)
            if let next = queue.nextAttempt {
                if next <= now || !items.isEmpty { turns.append(company) } else { resting.insert(company) }
                queue.hasPlace = true
            } else {
                queue.hasPlace = false
            }
            if queue.hasPlace || !queue.isIdle { companies[company] = queue }
            if !items.isEmpty { return Batch(company: company, items: items) }
        }
        return nil
    }

    /// When something may be tried next; nil if nothing waits.
    var nextAttempt: Double? {
        var next = resting.compactMap { companies[$0]?.nextAttempt }.min()
        for company in turns {
            guard let attempt = companies[company]?.nextAttempt else { continue }
            if attempt <= 0 { return attempt }
            next = min(next ?? .infinity, attempt)
        }
        return next
    }

    /// Messages that were held up and are to be tried again, and companies that are held up.
    var postponed: (messages: Int, companies: Int) {
        var (messages, count) = (0, 0)
        for queue in companies.values {
            messages += queue.postponedCount
            if queue.isHeldUp { count += 1 }
        }
        return (messages, count)
    }

    // MARK: What became of them

    mutating func restore(_ batch: Batch) {
        update(batch.company) { $0.restore(batch.items) }
    }

    mutating func succeeded(_ batch: Batch, seconds: Double, now: Double) {
        let isHeldUp = update(batch.company) { queue in
            queue.succeeded(batch.items, seconds: seconds, now: now)
            return queue.isHeldUp
        }
        if !isHeldUp { heldUp.remove(batch.company) }
    }

    /// As `CompanyQueue.heldUp`, after an attempt of `seconds`.
    mutating func heldUp(
        _ batch: Batch, seconds: Double, now: Double, delays: ClosedRange<Double>
    ) -> Double? {
        heldUp.insert(batch.company)
        let rest = min(seconds * Double(heldUp.count) * Self.restFactor, Self.longestRest)
        return update(batch.company) { $0.heldUp(batch.items, now: now, delays: delays, rest: rest) }
    }

    mutating func refused(_ batch: Batch) {
        update(batch.company) { $0.refused(batch.items) }
    }

    mutating func postpone(_ item: Item, of company: CompanyID, until due: Double) {
        update(company) { $0.postpone(item, until: due) }
    }

    /// The file is no longer there, or no longer ours.
    mutating func forget(_ item: Item, of company: CompanyID) {
        if known.remove(item) != nil, item.area == .redeliver { redelivered -= 1 }
        update(company) { $0.forget(item) }
    }

    mutating func retryNow() {
        for company in Array(companies.keys) { update(company) { $0.retryNow() } }
    }

    private mutating func update<Value>(_ company: CompanyID, _ body: (inout CompanyQueue) -> Value) -> Value {
        var queue = companies.removeValue(forKey: company) ?? CompanyQueue()
        let value = body(&queue)
        if !queue.hasPlace, queue.nextAttempt != nil {
            queue.hasPlace = true
            turns.append(company)
        }
        if queue.hasPlace || !queue.isIdle { companies[company] = queue }
        return value
    }
}
