import Synchronization
import System
import Testing

@Suite struct SnapshotTests {
    private final class Readers: Sendable {
        let snapshot = Snapshot([0, 0])
        let isOver = Atomic(false)
        let torn = Atomic(0)

        func read() {
            while !isOver.load(ordering: .acquiring) {
                let value = snapshot.current
                if value[0] != value[1] { torn.add(1, ordering: .relaxed) }
            }
        }
    }

    @Test func `readers that never stop do not keep a new value out, and none sees half of one`() throws {
        let readers = Readers()
        let ended = WaitGroup()
        for _ in 0..<4 {
            ended.enter()
            try PosixThread.start {
                readers.read()
                ended.leave()
            }
        }
        for number in 1...1000 { readers.snapshot.replace(with: [number, number]) }
        #expect(readers.snapshot.current == [1000, 1000])
        readers.isOver.store(true, ordering: .releasing)
        #expect(ended.wait(seconds: 30) == 0)
        #expect(readers.torn.load(ordering: .relaxed) == 0)
    }
}
