import System

extension FileDescriptor {
    borrowing func readSpooled(_ range: Range<Int>) throws(SpoolError) -> [UInt8] {
        try SpoolError.wrapping(read(range))
    }

    borrowing func writeSpooled(_ bytes: [UInt8], at offset: Int) throws(SpoolError) {
        try SpoolError.wrapping(write(bytes, at: offset))
    }
}
