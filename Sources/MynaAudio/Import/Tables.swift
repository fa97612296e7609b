internal import Foundation

/// A row of a table, with the line it begins at.
struct TableRow {
    var line: Int
    var fields: [String]
}

/// The bytes of a file of text, unpacked where its name ends in `.gz`.
func tableBytes(of path: String) throws(AudioError) -> Data {
    let data: Data
    do {
        data = try Data(contentsOf: URL(filePath: path), options: .alwaysMapped)
    } catch {
        throw access(path, F_OK) == 0 ? .unreadable(file: path, reason: "\(error.localizedDescription)") : .missing(file: path)
    }
    guard path.hasSuffix(".gz") else { return data }
    do {
        return Data(try Gzip.unpacked([UInt8](data)))
    } catch {
        throw .unreadable(file: path, reason: "is not a whole gzip file: \(error)")
    }
}

/// Lines of a text with their numbers, without their ends; blank ones are left out.
func numberedLines(_ data: Data) -> [(number: Int, line: Data)] {
    data.split(separator: 0x0a, omittingEmptySubsequences: false).enumerated().compactMap { index, line in
        let line = line.last == 0x0d ? line.dropLast() : line
        return line.contains { $0 > 0x20 } ? (index + 1, line) : nil
    }
}

/// Values between tabs, without quoting: a header and rows.
func tabSeparated(_ path: String) throws(AudioError) -> (header: [String], rows: [TableRow]) {
    var rows = numberedLines(try tableBytes(of: path)).map { number, line in
        TableRow(
            line: number,
            fields: line.split(separator: 0x09, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) })
    }
    guard !rows.isEmpty else { throw .badManifest(file: path, line: 1, reason: "has no header") }
    return (rows.removeFirst().fields, rows)
}

/// Values between commas as RFC 4180 has them: quoted ones may hold commas, quotes (doubled) and line ends.
func commaSeparated(_ path: String) throws(AudioError) -> (header: [String], rows: [TableRow]) {
    let bytes = try tableBytes(of: path)
    var rows: [TableRow] = []
    var (fields, field) = ([String](), [UInt8]())
    var (line, began) = (1, 1)
    var (isQuoted, wasQuoted) = (false, false)
    func take() {
        fields.append(String(decoding: field, as: UTF8.self))
        (field, wasQuoted) = ([], false)
    }
    func endRow() {
        take()
        if fields != [""] { rows.append(TableRow(line: began, fields: fields)) }
        fields = []
    }
    var index = bytes.startIndex
    // A byte order mark is no part of the first name.
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { index += 3 }
    while index < bytes.endIndex {
        let byte = bytes[index]
        index += 1
        if byte == 0x0a { line += 1 }
        if isQuoted {
            if byte != UInt8(ascii: "\"") {
                field.append(byte)
            } else if index < bytes.endIndex, bytes[index] == byte {
                field.append(byte)
                index += 1
            } else {
                isQuoted = false
            }
            continue
        }
        switch byte {
        case UInt8(ascii: "\"") where field.isEmpty && !wasQuoted: (isQuoted, wasQuoted) = (true, true)
        case UInt8(ascii: ","): take()
        case 0x0d where index < bytes.endIndex && bytes[index] == 0x0a: break
        case 0x0a:
            endRow()
            began = line
        default: field.append(byte)
        }
    }
    if isQuoted { throw .badManifest(file: path, line: began, reason: "a quote is not closed") }
    if !field.isEmpty || !fields.isEmpty { endRow() }
    guard !rows.isEmpty else { throw .badManifest(file: path, line: 1, reason: "has no header") }
    return (rows.removeFirst().fields, rows)
}
