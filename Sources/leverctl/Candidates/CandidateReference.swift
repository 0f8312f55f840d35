import ArgumentParser
import Core
import Reading

/// A candidate as a command line names one: by id, by address, or by part of the name.
enum CandidateReference: ExpressibleByArgument, Hashable {
    case id(CandidateID)
    case address(Address)
    case name(NamePattern)

    init?(argument: String) {
        if let number = Int64(argument) {
            self = .id(CandidateID(rawValue: number))
        } else if argument.contains("@") {
            guard let address = MailAddress(argument: argument) else { return nil }
            self = .address(address.address)
        } else if let name = NamePattern(argument), argument.printable() == argument {
            self = .name(name)
        } else {
            return nil
        }
    }
}
