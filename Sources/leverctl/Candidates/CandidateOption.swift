import ArgumentParser
import Core
import Store

/// The candidate of a command that is about one.
struct CandidateOption: ParsableArguments {
    @Option(help: "The candidate: the id, the address, or part of the name.", completion: .candidates)
    var candidate: CandidateReference

    @OptionGroup var search: CandidateSearchOptions
}
