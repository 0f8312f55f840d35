import CGMime

/// Sole owner of one reference to a GObject; gives it up when it goes.
struct GObject<Instance>: ~Copyable {
    let pointer: UnsafeMutablePointer<Instance>

    /// Takes over a reference that the caller owns. GLib ends the process rather than return nil for want of memory.
    init(owned pointer: UnsafeMutablePointer<Instance>!) { self.pointer = pointer }

    deinit { g_object_unref(pointer) }
}

/// The string, which GLib allocated and this frees; bytes that are no UTF-8 become U+FFFD.
func take(_ string: UnsafeMutablePointer<CChar>?) -> String {
    guard let string else { return "" }
    defer { g_free(string) }
    return String(cString: string)
}
