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
