import ArgumentParser
import Glibc
import Store

/// Asks for the company's name before something is lost permanently.
struct ConfirmationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The company's name, instead of a question on the terminal.", valueName: "name"))
    var confirm: String?

    /// Says what will happen, and asks for the company's name. Throws for any other answer.
    func confirm(_ consequence: String, company: CompanyRecord) throws {
        try Self.confirm(
            consequence, wanted: company.name, called: "the company's name", given: confirm,
            refusal: "that is not the name of this company; nothing was changed")
    }

    /// Says what will happen, and asks for a word unless it was `given` on the command line. Throws for any other
    /// answer.
    static func confirm(
        _ consequence: String, wanted: String, called name: String, given: String?, refusal: String? = nil
    ) throws {
        let answer: String
        if let given {
            answer = given
        } else {
            guard isatty(STDIN_FILENO) == 1 else {
                throw CommandError("\(consequence) Give --confirm with \(name) to continue")
            }
            printError(consequence.printable())
            print("Type \(name.printable()) to continue: ", terminator: "")
            fflush(nil)
            answer = readLine() ?? ""
        }
        guard answer == wanted else {
            throw CommandError(refusal ?? "that is not \(name), \(wanted); nothing was changed")
        }
    }
}
