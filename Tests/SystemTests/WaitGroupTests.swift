import System
import Testing

@Suite struct WaitGroupTests {
    @Test func `a wait ends when the last one leaves, or with its time`() throws {
        let group = WaitGroup()
        #expect(group.wait(seconds: 0) == 0)
        group.enter()
        group.enter()
        #expect(group.wait(seconds: 0) == 2)
        try PosixThread.start {
            group.leave()
            group.leave()
        }
        #expect(group.wait(seconds: 60) == 0)
    }
}
