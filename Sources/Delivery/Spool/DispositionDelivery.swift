import Store

/// Records the dispositions of messages that were not captured. For the delivery thread.
struct DispositionDelivery {
    let context: DeliveryContext

    /// What the database refuses for good is lost here; the log has it. On any other error everything waits.
    func deliverWaiting(_ turn: DeliveryTurn) throws {
        while case let waiting = context.dispositions.take(turn.options.batchLimit), !waiting.isEmpty {
            turn.expectStep()
            do {
                _ = try turn.connection.ingest(waiting.compactMap { IngestEntry($0, host: turn.options.host) })
            } catch let error as DatabaseError where !error.isTransient {
                context.log.recordsRefused(error)
            } catch {
                context.dispositions.restore(waiting)
                throw error
            }
        }
    }
}
