/// The home that is used when none is named; it is part of the program.
public enum DemoHome {
    /// The text of its file, in the `home/1` form.
    public static var text: String { String(decoding: PackageResources.demo_home_yaml, as: UTF8.self) }

    /// The home.
    public static func home() throws(HomeError) -> Home { try HomeFile.home(from: text, file: "demo.home.yaml") }
}
