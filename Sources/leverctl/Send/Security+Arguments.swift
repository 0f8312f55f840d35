public import ArgumentParser
public import Submission

extension SubmissionServer.Security: ExpressibleByArgument {}
