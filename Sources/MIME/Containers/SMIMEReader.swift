import SMIME

/// Shows what is signed or encrypted by S/MIME (RFC 8551).
enum SMIMEReader {
    /// `application/pkcs7-mime`: signed content is read as the part that it is.
    @Sendable static func read(_ part: MessagePart, _ rendering: inout PartRendering) -> Rendition {
        let content = part.content
        var shown = Rendition(attachments: [AttachedPart(part, size: content.count)])
        guard rendering.takeContainer(), let structure = SMIMEContent(content) else {
            if part.contentType["smime-type"]?.lowercased().contains("enveloped") ?? false { shown.encryption = .smime }
            return shown
        }
        switch structure {
        case .signed(let entity?):
            if let inner = rendering.render(entity: entity, charset: part.charset) { shown = inner }
            let signature = rendering.signature(content, over: nil)
            shown.signatures.insert(.init(form: .smime, signature: signature, isWhole: rendering.isRoot(part)), at: 0)
        case .encrypted: shown.encryption = .smime
        case .compressed:
            shown.substitute = [.text("This message is compressed with S/MIME, and is not unpacked here.")]
        case .signed(nil), .certificates, .other: break
        }
        return shown
    }

    /// `multipart/signed` (RFC 1847): the first part is the content, the second the signature over its bytes.
    @Sendable static func signed(
        _ part: MessagePart, _ children: [MessagePart], _ rendering: inout PartRendering
    ) -> Rendition {
        var shown = rendering.render(oneAfterAnother: children)
        guard children.count > 1, rendering.takeContainer() else { return shown }
        let isOpenPGP = children[1].type == "application/pgp-signature"
        let signature =
            isOpenPGP
            ? Signature(state: .notChecked, signers: [])
            : rendering.signature(children[1].content, over: canonical(children[0].source))
        // What stands beside the two is signed by nobody.
        shown.signatures.insert(
            .init(
                form: isOpenPGP ? .openpgp : .smime, signature: signature,
                isWhole: rendering.isRoot(part) && children.count == 2), at: 0)
        return shown
    }

    /// `multipart/encrypted`.
    @Sendable static func encrypted(
        _ part: MessagePart, _ children: [MessagePart], _ rendering: inout PartRendering
    ) -> Rendition {
        var shown = rendering.render(oneAfterAnother: children)
        shown.encryption = part.contentType["protocol"]?.lowercased() == "application/pkcs7-mime" ? .smime : .openpgp
        return shown
    }

    /// With CRLF at the end of each line, as signatures are made (RFC 8551 section 3.1.1); mailbox files have LF alone.
    private static func canonical(_ source: ArraySlice<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(source.count)
        var previous: UInt8 = 0
        for byte in source {
            if byte == lineFeed, previous != carriageReturn { bytes.append(carriageReturn) }
            bytes.append(byte)
            previous = byte
        }
        return bytes
    }
}
