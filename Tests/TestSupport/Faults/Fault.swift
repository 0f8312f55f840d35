/// What happens to a system call of a program under test. The C library in Tests/FaultInjection does it.
public struct Fault: Sendable {
    public enum Call: String, Sendable {
        /// open(2) with O_CREAT.
        case create
        case write, read, fsync, rename, unlink, mkdir, mkfifo, truncate, send, recv
    }

    public enum Effect: Sendable {
        /// Nothing; only the hit is recorded.
        case note
        /// The process gets SIGKILL.
        case kill
        /// The call is not made, and fails with that error number.
        case fail(Int32)
        /// The call writes only that many bytes.
        case short(Int)
        /// The call takes that many milliseconds more.
        case delay(Int)
        /// The call waits until the fault is removed, and is then subject to the faults in force.
        case hold
    }

    public enum Moment: String, Sendable {
        case before, after
    }

    public let name: String
    public let calls: [Call]
    public let path: String
    public let content: String
    public let moment: Moment
    public let effect: Effect
    public let skip: Int
    public let times: Int?
    public let after: String?

    /// `path` is a text in the path, or its beginning if it starts with `^`; a rename is `from -> to`, a socket `socket
    /// local:PORT peer:PORT `, a read `path from OFFSET `. `content` is a text in what is written or sent. `skip`: hits
    /// to let pass first; `times`: hits after which the fault is over; `after`: only after the fault of that name was
    /// hit.
    public init(
        _ name: String, _ calls: [Call], path: String, content: String = "", when moment: Moment = .before,
        skip: Int = 0, times: Int? = nil, after: String? = nil, do effect: Effect
    ) {
        self.name = name
        self.calls = calls
        self.path = path
        self.content = content
        self.moment = moment
        self.effect = effect
        self.skip = skip
        self.times = times
        self.after = after
    }

    /// The same fault with a placeholder in path and content replaced.
    public func replacing(_ placeholder: String, with text: String) -> Fault {
        Fault(
            name, calls, path: path.replacing(placeholder, with: text),
            content: content.replacing(placeholder, with: text), when: moment, skip: skip, times: times, after: after,
            do: effect)
    }

    /// The library's format.
    var rule: String {
        var fields = [
            "name=\(name)", "calls=\(calls.map(\.rawValue).joined(separator: ","))", "path=\(path)",
            "content=\(content)", "when=\(moment.rawValue)", "skip=\(skip)", "after=\(after ?? "")",
        ]
        if let times { fields.append("times=\(times)") }
        switch effect {
        case .note: fields.append("do=note")
        case .kill: fields.append("do=kill")
        case .fail(let code): fields += ["do=fail", "arg=\(code)"]
        case .short(let length): fields += ["do=short", "arg=\(length)"]
        case .delay(let time): fields += ["do=delay", "arg=\(time)"]
        case .hold: fields.append("do=hold")
        }
        return fields.joined(separator: "\t")
    }
}
