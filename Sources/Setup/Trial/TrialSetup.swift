import System

/// `leverctl setup trial` and `leverctl setup remove-trial`: a company, a candidate and a captured reply on one
/// machine, and all of it taken away again.
public struct TrialSetup {
    private let machine: any Machine
    private let console: any Console
    /// Whether questions are answered with yes.
    private let agreed: Bool

    /// What a person may choose; nil is the default, or asked for.
    public struct Choice: Sendable {
        public var company: String?
        public var domain: String?
        public var provider: String

        public init(company: String?, domain: String?, provider: String) {
            (self.company, self.domain, self.provider) = (company, domain, provider)
        }
    }

    public init(machine: any Machine, console: any Console, agreed: Bool) {
        (self.machine, self.console, self.agreed) = (machine, console, agreed)
    }

    static func steps(_ trial: Trial) -> [any Step] {
        [
            PackagesStep(trial: trial), ServerStep(trial: trial), SettingsStep(trial: trial), RolesStep(trial: trial),
            SchemaStep(trial: trial), CompanyStep(trial: trial), KeyStep(trial: trial), UserStep(trial: trial),
            HostStep(trial: trial), DaemonStep(trial: trial), PostfixStep(trial: trial), ThreadStep(trial: trial),
            MailStep(trial: trial), TimelineStep(trial: trial),
        ]
    }

    /// Sets it up, or goes on where an earlier run stopped. `account` is who will read, and `directory` where that
    /// user's settings of leverctl are.
    public func setUp(_ choice: Choice, host: String, account: Account, directory: String) throws {
        let trial: Trial
        if let record = try Trial.record(on: machine) {
            let plan = record.plan
            guard choice.company ?? plan.company == plan.company, choice.domain ?? plan.domain == plan.domain else {
                throw SetupError(
                    "this machine has a trial of \(plan.company), \(plan.domain); leverctl setup remove-trial "
                        + "takes it away"
                )
            }
            console.say("The trial of \(plan.company) (\(plan.domain)) on this machine goes on.")
            trial = Trial(record, machine: machine, console: console, agreed: agreed)
        } else {
            trial = Trial(
                TrialRecord(plan: try plan(choice, host: host, account: account, directory: directory)),
                machine: machine, console: console, agreed: agreed)
        }
        let run = SetupRun(machine: machine, console: console)
        let steps = Self.steps(trial)
        try run.look(steps)
        try run.carryOut(steps)
        console.say(Self.summary(trial.plan))
    }

    /// Takes away what the trial made. Says what stays.
    public func remove() throws {
        guard let record = try Trial.record(on: machine) else {
            console.say("There is no trial on this machine: no \(TrialRecord.path).")
            return
        }
        let trial = Trial(record, machine: machine, console: console, agreed: agreed)
        let steps = Self.steps(trial)
        let messages =
            trial.server.rows("SELECT count(*) FROM lever.message", in: TrialPlan.database)?.first
            ?? "unknown number of"
        console.say(
            """
            This removes the trial of \(record.plan.company) with its database and everything that was captured \
            into it (messages: \(messages)), its keys and settings, and puts back Postfix's.
            """)
        // A step that cannot be taken back keeps everything as it is.
        for step in steps { _ = try step.undo() }
        try trial.consent("Remove it?")
        let run = SetupRun(machine: machine, console: console)
        try run.undo(steps)
        for path in trial.record.made.reversed() where machine.exists(path) && path != record.plan.settings {
            // A directory that somebody else uses by now is not empty, and stays.
            try? machine.remove(path)
        }
        try machine.remove(TrialRecord.path)
        try? machine.remove(directory(of: TrialRecord.path))
        console.say("\nThe trial is removed. What stays: installed packages, and lines in the system's logs.")
    }

    private func plan(_ choice: Choice, host: String, account: Account, directory: String) throws -> TrialPlan {
        let postfix = PostfixParameters(machine: machine)
        let own = postfix.expanded("mydomain").flatMap { $0.contains(".") && !$0.hasSuffix(".localdomain") ? $0 : nil }
        let domain = choice.domain ?? own ?? "acme.example"
        let company = choice.company ?? (own == nil && choice.domain == nil ? "Acme" : Self.name(ofDomain: domain))
        if agreed { return makePlan(company, domain) }
        console.say(
            """
            This sets up a trial of lever-milter on this machine: a database, a company, the daemon, a few lines of \
            Postfix's, a candidate, and a mail with its reply. Each command is shown before it is run, and
            leverctl setup remove-trial takes all of it away.
            """)
        guard let asked = choice.company ?? console.ask("The company's name", else: company),
            let askedDomain = choice.domain ?? console.ask("Its mail domain", else: domain)
        else {
            throw SetupError("there is no terminal to ask on; give --yes, with --company and --domain if they matter")
        }
        return makePlan(asked, askedDomain)

        func makePlan(_ company: String, _ domain: String) -> TrialPlan {
            TrialPlan(
                company: company, domain: domain.lowercased(), host: host, account: account, directory: directory,
                provider: choice.provider)
        }
    }

    /// `acme.example` is Acme's.
    static func name(ofDomain domain: String) -> String {
        let label = domain.split(separator: ".").first.map(String.init) ?? domain
        return label.prefix(1).uppercased() + label.dropFirst()
    }

    private static func summary(_ plan: TrialPlan) -> String {
        """

        A reply was captured, sealed, and read. Go on as \(plan.account.name):
          \(TimelineStep.command(plan).words.map(shellWord).joined(separator: " "))
          leverctl candidate list --passphrase-file \(shellWord(plan.passphrase))
        As root:
          leverctl check
          journalctl -u lever-milter
        leverctl's settings are in \(plan.settings), the daemon's in
        \(TrialPlan.daemonSettings). What the trial made is noted in \(TrialRecord.path);
        leverctl setup remove-trial takes it away.
        """
    }
}
