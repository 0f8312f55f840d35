import ArgumentParser
import Glibc
import Store

/// Asks for the company's name before something is lost for ever.
struct ConfirmationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The company's name, instead of being asked for it on the terminal.", valueName: "name"))
    var confirm: String?

    /// Says what will happen and wants the company's name. Throws if it is another one.
    func confirm(_ consequence: String, company: Company) throws {
        let answer: String
        if let confirm {
            answer = confirm
        } else {
            guard isatty(STDIN_FILENO) == 1 else {
                throw CommandError("\(consequence) Give --confirm with the company's name to go on")
            }
            complain(consequence.printable())
            print("Type the company's name to go on: ", terminator: "")
            fflush(nil)
            answer = readLine() ?? ""
        }
        guard answer == company.name else {
            throw CommandError("that is not the name of this company; nothing was changed")
        }
    }
}
