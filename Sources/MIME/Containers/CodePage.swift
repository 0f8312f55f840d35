/// Windows' numbers of character sets.
enum CodePage {
    /// The charset's name; windows-1252 for a number that nobody knows.
    static func label(_ number: Int) -> String {
        switch number {
        case 65001: "utf-8"
        case 1250...1258: "windows-\(number)"
        case 874: "windows-874"
        case 932: "shift_jis"
        case 936: "gbk"
        case 54936: "gb18030"
        case 949: "euc-kr"
        case 950: "big5"
        case 20866: "koi8-r"
        case 21866: "koi8-u"
        case 28591...28605: "iso-8859-\(number - 28590)"
        case 50220...50222: "iso-2022-jp"
        case 51932: "euc-jp"
        case 1200: "utf-16le"
        default: "windows-1252"
        }
    }
}
