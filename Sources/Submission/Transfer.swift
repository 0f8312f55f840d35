import CLibcurl

/// One transfer of libcurl's: sole owner of its handle. Used by one thread at a time.
struct Transfer: ~Copyable {
    private let handle: UnsafeMutableRawPointer
    private var failure = CURLE_OK
    private var lists: [UnsafeMutablePointer<curl_slist>] = []

    /// libcurl's own set-up, once a process.
    private static let initialize: Void = { curl_global_init(Int(CURL_GLOBAL_DEFAULT)) }()

    /// What a server sends, and what is sent to it.
    final class Exchange {
        var outgoing: ArraySlice<UInt8> = []
        /// The response's body. Of more than the limit the transfer fails.
        var incoming: [UInt8] = []
        /// The last line with which the server refused something, of a protocol whose codes stand first in a line.
        var refusal: [UInt8] = []
        static let limit = 1 << 20
    }

    init() {
        Self.initialize
        guard let handle = curl_easy_init() else { preconditionFailure("libcurl makes no handle") }
        self.handle = handle
        // Without it, a time limit is kept by a signal.
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

    /// Sends and receives. Returns libcurl's code and the server's last one.
    mutating func run(_ exchange: Exchange) -> (code: CURLcode, response: Int) {
        let pointer = Unmanaged.passUnretained(exchange).toOpaque()
        note(CLibcurl_set_callback(handle, CURLOPT_READFUNCTION, read, CURLOPT_READDATA, pointer))
        note(CLibcurl_set_callback(handle, CURLOPT_WRITEFUNCTION, write, CURLOPT_WRITEDATA, pointer))
        note(CLibcurl_set_callback(handle, CURLOPT_HEADERFUNCTION, line, CURLOPT_HEADERDATA, pointer))
        // A setting that this libcurl does not know must not be left out silently.
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
    return size * count
}
