/// MIME types of files that people attach, by their names' extensions: what recipients' programs open them with.
///
/// Text files are not among them: they would need a charset, which nobody knows, and their line ends would change on
/// the way. Nor are messages, which must not be in base64 (RFC 2046 section 5.2.1).
enum AttachmentType {
    private static let other = "application/octet-stream"

    static func type(of name: String) -> String {
        guard let dot = name.lastIndex(of: ".") else { return other }
        return types[name[name.index(after: dot)...].lowercased()] ?? other
    }

    /// The extension that files of a type have; nil for a type that says nothing of the file. Text and messages too.
    static func `extension`(of type: String) -> String? { extensions[type] }

    private static let extensions = [
        "text/plain": "txt", "text/html": "html", "text/calendar": "ics", "text/csv": "csv", "text/rtf": "rtf",
        "text/vcard": "vcf", "text/x-vcard": "vcf", "text/xml": "xml", "application/xml": "xml", "text/markdown": "md",
        "text/rfc822-headers": "txt", "message/rfc822": "eml", "message/global": "eml", "message/delivery-status": "txt",
        "message/disposition-notification": "txt", "application/ms-tnef": "dat", "image/jpg": "jpg",
        "application/pkcs7-signature": "p7s", "application/x-pkcs7-signature": "p7s", "application/pkcs7-mime": "p7m",
        "application/x-pkcs7-mime": "p7m", "application/pgp-signature": "asc", "application/pgp-keys": "asc",
        "application/x-zip-compressed": "zip",
    ].merging(types.map { ($1, $0) }) { $0.count <= $1.count ? $0 : $1 }

    private static let types = [
        "7z": "application/x-7z-compressed", "bmp": "image/bmp", "doc": "application/msword",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "dotx": "application/vnd.openxmlformats-officedocument.wordprocessingml.template",
        "epub": "application/epub+zip", "gif": "image/gif", "gz": "application/gzip", "heic": "image/heic",
        "jpeg": "image/jpeg", "jpg": "image/jpeg", "json": "application/json",
        "key": "application/vnd.apple.keynote", "m4a": "audio/mp4", "mov": "video/quicktime", "mp3": "audio/mpeg",
        "mp4": "video/mp4", "msg": "application/vnd.ms-outlook", "numbers": "application/vnd.apple.numbers",
        "odg": "application/vnd.oasis.opendocument.graphics",
        "odp": "application/vnd.oasis.opendocument.presentation",
        "ods": "application/vnd.oasis.opendocument.spreadsheet", "odt": "application/vnd.oasis.opendocument.text",
        "ogg": "audio/ogg", "pages": "application/vnd.apple.pages", "pdf": "application/pdf", "png": "image/png",
        "ppt": "application/vnd.ms-powerpoint",
        "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "rtf": "application/rtf", "svg": "image/svg+xml", "tif": "image/tiff", "tiff": "image/tiff",
        "wav": "audio/x-wav", "webm": "video/webm", "webp": "image/webp", "xls": "application/vnd.ms-excel",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "zip": "application/zip",
    ]
}
