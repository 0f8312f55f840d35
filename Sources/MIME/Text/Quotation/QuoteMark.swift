/// How a quotation is shown.
enum QuoteMark {
    /// With `>` in front of each line, and folded.
    case cited
    /// Folded, without a mark.
    case folded
    /// Indented, whether by the writer or by their program: `Quotation` decides.
    case indented
}
