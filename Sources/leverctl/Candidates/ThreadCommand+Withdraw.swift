import ArgumentParser
import Core
import Store

extension ThreadCommand {
    struct Withdraw: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take no further mail of a thread.",
            discussion: """
                For a marker that came into the wrong hands: whoever has it can write into the thread. Mail that is \
                accepted from now on passes and is not stored, and nothing is sent in the thread. What was stored \
                stays. Mail hosts apply it within seconds; the database at once. The audit records it.
                """,
            examples: ["leverctl thread withdraw 4711"])

        @Argument(help: "The thread's id, as in the timeline's JSON and the log.", completion: .threads)
        var thread: Int64

        @OptionGroup var company: CompanyOption
        @OptionGroup var shared: SharedOptions

        func run() throws { try set(true, thread, company, shared) }
    }

    struct Restore: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take mail of a withdrawn thread again.",
            examples: ["leverctl thread restore 4711"])

        @Argument(help: "The thread's id.", completion: .threads)
        var thread: Int64

        @OptionGroup var company: CompanyOption
        @OptionGroup var shared: SharedOptions

        func run() throws { try set(false, thread, company, shared) }
    }
}

private struct Result: Encodable {
    let thread: Int64
    let withdrawn: Bool
}

private func set(
    _ isWithdrawn: Bool, _ thread: Int64, _ company: CompanyOption, _ shared: SharedOptions
) throws {
    let owner = try shared.ownerSession()
    let changed = try owner.withdraw(
        isWithdrawn, thread: ThreadID(rawValue: thread), company: company.find(in: owner, shared).id)
    let state =
        isWithdrawn
        ? changed ? "takes no mail from now on" : "was withdrawn before"
        : changed ? "takes mail again" : "is not withdrawn"
    try shared.show(Result(thread: thread, withdrawn: isWithdrawn), "Thread \(thread) \(state).")
}
