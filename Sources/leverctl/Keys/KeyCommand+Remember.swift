import ArgumentParser
import SettingsFile

extension KeyCommand {
    struct Remember: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remember the passphrases of private keys, so that commands do not ask.",
            discussion: """
                In the desktop's keyring (GNOME Keyring, KWallet, KeePassXC) for good, or in the kernel's keyring for \
                passphrase_timeout seconds: see passphrase_store in leverctl.yaml(5). A passphrase belongs to the \
                content of the key's file and not to its path.
                """,
            examples: ["leverctl key remember"])

        @OptionGroup var choice: RememberedKeyOptions
        @OptionGroup var passphrase: PassphraseOptions
        @OptionGroup var shared: SharedOptions

        func run() throws {
            let memory = try choice.memory(shared)
            let records = try choice.files(shared).map { file in
                let (passphrase, key) = try passphrase.passphrase(of: file)
                try memory.remember(passphrase, of: file.pem, key.keyID.hex)
                return RememberedKey(privateKey: file.path, remembered: true, seconds: memory.lifetime)
            }
            try shared.show(records, records.map(\.text).joined(separator: "\n"))
        }
    }

    struct Forget: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Forget the passphrases of private keys.", examples: ["leverctl key forget"])

        @OptionGroup var choice: RememberedKeyOptions
        @OptionGroup var shared: SharedOptions

        func run() throws {
            let memory = try choice.memory(shared)
            let records = try choice.files(shared).map { file in
                try memory.forget(file.pem)
                    ? RememberedKey(privateKey: file.path, remembered: false, seconds: nil)
                    : RememberedKey(privateKey: file.path, remembered: nil, seconds: nil)
            }
            try shared.show(records, records.map(\.text).joined(separator: "\n"))
        }
    }
}

/// The private keys whose passphrases are remembered or forgotten, and the store.
struct RememberedKeyOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The private key; else $LEVER_PRIVATE_KEY, else 'private_key' in the settings. Repeat it for more.",
            valueName: "file"), completion: .file())
    var privateKey: [String] = []

    @Option(help: "The store, desktop or keyring; else that of passphrase_store in the settings.")
    var store: PassphraseStoreKind?

    func files(_ shared: SharedOptions) throws -> [PrivateKeyFile] {
        try shared.privateKeys(privateKey).map(PrivateKeyFile.init)
    }

    func memory(_ shared: SharedOptions) throws -> PassphraseMemory {
        let settings = try shared.loadedSettings()
        guard let memory = PassphraseMemory(settings, store) else {
            throw CommandError(
                "passphrases are not remembered: give --store desktop or --store keyring, or set 'passphrase_store' in "
                    + settings.ownPath)
        }
        return memory
    }
}

/// A private key whose passphrase was remembered or forgotten.
private struct RememberedKey: Encodable {
    let privateKey: String
    /// Missing if there was nothing to forget.
    let remembered: Bool?
    /// Missing if it is for good.
    let seconds: Int?

    var text: String {
        let name = "The passphrase of \(privateKey)"
        let text =
            switch (remembered, seconds) {
            case (true, let seconds?): "\(name) is remembered for \(counted(seconds, "second"))."
            case (true, nil): "\(name) is remembered until it is forgotten."
            case (false, _): "\(name) is forgotten."
            case (nil, _): "\(name) was not remembered."
            }
        return text.printable()
    }
}
