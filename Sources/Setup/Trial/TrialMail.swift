/// The mails of a trial, as commands that hand them to Postfix.
struct TrialMail {
    let plan: TrialPlan
    /// The thread's, with angle brackets.
    let messageID: String

    /// The company writes, with the fields that `leverctl thread start` printed.
    var first: Invocation {
        send(
            from: plan.reader, to: plan.candidate,
            """
            From: Lever Trial <\(plan.reader)>
            To: \(plan.candidateName) <\(plan.candidate)>
            Subject: Your application at \(encodedCompany)
            Message-ID: \(messageID)
            References: \(messageID)
            X-Lever-Thread: \(messageID)
            Content-Type: text/plain; charset=utf-8

            Hello Jo, would Thursday suit you?

            """)
    }

    /// The candidate answers. What makes it a reply is the field In-Reply-To.
    var reply: Invocation {
        send(
            from: plan.candidate, to: plan.reader,
            """
            From: \(plan.candidateName) <\(plan.candidate)>
            To: Lever Trial <\(plan.reader)>
            Subject: Re: Your application at \(encodedCompany)
            In-Reply-To: \(messageID)
            Content-Type: text/plain; charset=utf-8

            Thursday at ten is fine. Jo

            """)
    }

    /// sendmail(1) adds Date and, in the reply, Message-ID.
    private func send(from: String, to: String, _ message: String) -> Invocation {
        Invocation(["sendmail", "-i", "-f", from, to], input: message)
    }

    /// A header field has ASCII alone.
    private var encodedCompany: String { plan.company.utf8.allSatisfy { $0 < 0x80 } ? plan.company : plan.domain }
}
