public import Foundation

/// Files that tests share, found from this source file.
public enum Fixture {
    /// The package's own folder.
    public static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The path of a file under `Fixtures/`.
    public static func path(_ name: String) -> String { root.appending(path: "Fixtures").appending(path: name).path }
}
