import CLibcurl

/// One libcurl transfer. Sole owner of its handle. One thread at a time.
struct Transfer: ~Copyable {
    private let handle: UnsafeMutableRawPointer
    private var failure = CURLE_OK
    private var lists: [UnsafeMutablePointer<curl_slist>] = []

    /// libcurl's global initialization, once per process.
    private static let initialize: Void = { curl_global_init(Int(CURL_GLOBAL_DEFAULT)) }()

    /// The data exchanged with the server in one transfer.
    final class Exchange {
        var outgoing: ArraySlice<UInt8> = []
        /// The response's body. The transfer fails if it is longer than `limit`.
        var incoming: [UInt8] = []
        /// The last reply line with a 4xx or 5xx code, for protocols whose lines begin with a code.
        var refusal: [UInt8] = []
        static let limit = 1 << 20
        /// Sees each line of a reply before libcurl acts on it. The transfer ends once it is missing something.
        var replies: ExtensionCheck?
    }

    init() {
        Self.initialize
        guard let handle = curl_easy_init() else { preconditionFailure("libcurl cannot create a handle") }
        self.handle = handle
        // Otherwise libcurl uses signals for time-outs.
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_CONNECTTIMEOUT, 30)
        set(CURLOPT_TIMEOUT, 300)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
    }

    deinit {
        curl_easy_cleanup(handle)
        for list in lists { curl_slist_free_all(list) }
    }

    mutating func set(_ option: CURLoption, _ value: Int) { note(CLibcurl_set_long(handle, option, value)) }

    mutating func set(_ option: CURLoption, _ value: String) { note(CLibcurl_set_string(handle, option, value)) }

    mutating func set(_ option: CURLoption, _ values: [String]) {
        var list: UnsafeMutablePointer<curl_slist>?
        for value in values { list = curl_slist_append(list, value) }
        if let list { lists.append(list) }
        note(CLibcurl_set_list(handle, option, list))
    }

    private mutating func note(_ code: CURLcode) { if failure == CURLE_OK { failure = code } }

    /// Runs the transfer. Returns libcurl's code and the server's last response code.
    mutating func run(_ exchange: Exchange) -> (code: CURLcode, response: Int) {
        let pointer = Unmanaged.passUnretained(exchange).toOpaque()
        note(CLibcurl_set_callback(handle, CURLOPT_READFUNCTION, read, CURLOPT_READDATA, pointer))
        note(CLibcurl_set_callback(handle, CURLOPT_WRITEFUNCTION, write, CURLOPT_WRITEDATA, pointer))
        note(CLibcurl_set_callback(handle, CURLOPT_HEADERFUNCTION, line, CURLOPT_HEADERDATA, pointer))
        // An option that this libcurl does not support must not be dropped silently.
        guard failure == CURLE_OK else { return (failure, 0) }
        let code = withExtendedLifetime(exchange) { curl_easy_perform(handle) }
        return (code, CLibcurl_response_code(handle))
    }
}

private func read(
    _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ data: UnsafeMutableRawPointer?
) -> Int {
    let exchange = Unmanaged<Transfer.Exchange>.fromOpaque(data!).takeUnretainedValue()
    let chunk = exchange.outgoing.prefix(size * count)
    chunk.withUnsafeBytes { UnsafeMutableRawPointer(buffer!).copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
    exchange.outgoing = exchange.outgoing.dropFirst(chunk.count)
    return chunk.count
}

private func write(
    _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ data: UnsafeMutableRawPointer?
) -> Int {
    let exchange = Unmanaged<Transfer.Exchange>.fromOpaque(data!).takeUnretainedValue()
    guard exchange.incoming.count + size * count <= Transfer.Exchange.limit else { return 0 }
    exchange.incoming += UnsafeRawBufferPointer(start: buffer, count: size * count)
    return size * count
}

private func line(
    _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ data: UnsafeMutableRawPointer?
) -> Int {
    let exchange = Unmanaged<Transfer.Exchange>.fromOpaque(data!).takeUnretainedValue()
    let line = UnsafeRawBufferPointer(start: buffer, count: size * count)
    if let first = line.first, first == UInt8(ascii: "4") || first == UInt8(ascii: "5") {
        exchange.refusal = Array(line.prefix(1000))
    }
    exchange.replies?.take(line)
    return exchange.replies?.isMissing == true ? 0 : size * count
}
