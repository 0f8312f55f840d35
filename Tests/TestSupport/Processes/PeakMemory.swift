/// A process's peak resident memory in bytes (VmHWM of proc(5)); without a pid, this process's.
public func peakMemory(of process: Int32? = nil) throws -> Int {
    let name = process.map(String.init) ?? "self"
    let status = String(decoding: try contents(of: "/proc/\(name)/status"), as: UTF8.self)
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
        let kilobytes = line.split(whereSeparator: { !$0.isNumber }).first.flatMap({ Int($0) })
    else { throw HarnessError("no VmHWM of process \(name)") }
    return kilobytes << 10
}
