import CGMime

/// Sole owner of one reference to a GObject; `deinit` releases it.
struct GObject<Instance>: ~Copyable {
    let pointer: UnsafeMutablePointer<Instance>

    /// Takes ownership of the caller's reference. Never nil: GLib aborts the process when it is out of memory.
    init(owned pointer: UnsafeMutablePointer<Instance>!) { self.pointer = pointer }

    deinit { g_object_unref(pointer) }
}

/// Copies and frees a string that GLib allocated; bytes that are not UTF-8 become U+FFFD.
func take(_ string: UnsafeMutablePointer<CChar>?) -> String {
    guard let string else { return "" }
    defer { g_free(string) }
    return String(cString: string)
}
