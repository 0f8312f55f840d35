import Glibc

/// Reads pipes side by side until each is at its end. False if that takes longer than `seconds`; what came until then is
/// in `outputs`, which has an element for each descriptor. It leaves no copy of what it read behind.
func readPipes(_ descriptors: [Int32], into outputs: inout [[UInt8]], seconds: Double) throws(SystemError) -> Bool {
    let deadline = MonotonicClock.seconds + seconds
    var polled = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    var buffer = [UInt8](repeating: 0, count: 8192)
    defer { for index in buffer.indices { buffer[index] = 0 } }
    while polled.contains(where: { $0.fd >= 0 }) {
        let left = deadline - MonotonicClock.seconds
        guard left > 0 else { return false }
        guard poll(&polled, nfds_t(polled.count), Int32(min(left, 3600) * 1000) + 1) > 0 else { continue }
        for index in polled.indices where polled[index].fd >= 0 && polled[index].revents != 0 {
            let count = read(polled[index].fd, &buffer, buffer.count)
            if count > 0 {
                outputs[index] += buffer.prefix(count)
            } else if count == 0 {
                polled[index].fd = -1
            } else if errno != EINTR {
                throw .last("read", "the output of a program")
            }
        }
    }
    return true
}
