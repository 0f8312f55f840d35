/// The date and version in the footer of a page.
struct Edition {
    var date: String
    var release: String
}
