import MynaStages
import Testing

@testable import MynaAssistant

@Suite struct SaidListsTests {
    private static func home(_ lists: String...) -> Home {
        Home(
            id: "h", name: "H",
            entities: lists.map { .init(id: "todo.\($0)", name: $0, domain: "todo", state: EntityState(state: "0")) })
    }

    private static func put(_ request: String, taken: Intent, in home: Home = home("Shopping List", "Personal Tasks")) -> Intent {
        SaidLists(home).completed([taken], in: request)[0]
    }

    @Test(
        arguments: [
            ("add two lemons to the shopping list", "lemons", "two lemons", "shopping list"),
            ("please stick sticking plasters on the shopping list", "plasters", "sticking plasters", "shopping list"),
            ("could you put a loaf of rye bread on my shopping list please", "bread", "loaf of rye bread", "shopping list"),
            ("we are out of baking powder so put it on the shopping list", "powder so", "baking powder", "shopping list"),
            ("we're low on cat food can you add some to the shopping list", "food", "cat food", "shopping list"),
            ("write three tins of soup down on the shopping list", "tins", "three tins of soup", "shopping list"),
            ("add book report to my personal tasks", "report", "book report", "personal tasks"),
        ])
    func `all of what was said goes on the list`(request: String, taken: String, item: String, list: String) {
        let wrong = Intent("list_add", ["item": taken, "list": list])
        #expect(Self.put(request, taken: wrong) == Intent("list_add", ["item": item, "list": list]))
    }

    @Test(
        arguments: [
            ("cough syrup needs to go on the shopping list", Intent("list_read", ["list": "shopping list"]), "cough syrup"),
            ("two mangos should be added to the shopping list", Intent("list_read", ["list": "shopping list"]), "two mangos"),
            ("add science project to my tasks", Intent("unsupported"), "science project"),
            ("put spanish vocabulary on the personal tasks list", Intent("knowledge"), "spanish vocabulary"),
        ])
    func `what was taken for something else is still put on the list`(request: String, taken: Intent, item: String) {
        let done = Self.put(request, taken: taken)
        #expect(done.action == "list_add" && done.slots["item"] == item)
    }

    @Test(
        arguments: [
            ("what needs to go on the shopping list", Intent("list_read", ["list": "shopping list"])),
            ("is there anything to add to the shopping list", Intent("list_read", ["list": "shopping list"])),
            ("read me the shopping list", Intent("list_read", ["list": "shopping list"])),
            ("take two lemons off the shopping list", Intent("list_remove", ["item": "lemons", "list": "shopping list"])),
            ("add milk and two lemons to the shopping list", Intent("list_add", ["item": "milk", "list": "shopping list"])),
            ("put it on the shopping list", Intent("list_add", ["item": "it", "list": "shopping list"])),
            ("add two lemons to the grocery list", Intent("list_add", ["item": "lemons", "list": "grocery list"])),
            ("add some light to the kitchen", Intent("turn_on", ["target": "light", "place": "kitchen"])),
        ])
    func `nothing else is changed`(request: String, taken: Intent) { #expect(Self.put(request, taken: taken) == taken) }

    @Test func `a thing of which nothing else is said goes on no list, unless one was spoken of last`() {
        let lists = SaidLists(Self.home("Shopping List"))
        let lamp = Intent("turn_on", ["target": "reading lamp"])
        func taken(_ request: String, item: String, after last: Intent?) -> Intent {
            lists.completed([Intent("list_add", ["item": item])], in: request, after: last)[0]
        }
        #expect(taken("paint the fence", item: "paint the fence", after: nil) == Intent("unsupported"))
        #expect(taken("paint the fence please", item: "paint the fence", after: lamp) == Intent("unsupported"))
        #expect(
            taken("and the attic heater too", item: "attic heater", after: lamp) == Intent("again", ["target": "attic heater"]))
        let milk = Intent("list_add", ["item": "milk"])
        #expect(taken("and butter too", item: "butter", after: milk) == Intent("list_add", ["item": "butter"]))
        #expect(taken("we need butter", item: "butter", after: nil) == Intent("list_add", ["item": "butter"]))
    }

    @Test func `several requests, and words for a list that could be two, are left as they are`() {
        let two = [Intent("list_add", ["item": "milk"]), Intent("list_add", ["item": "lemons", "list": "shopping list"])]
        #expect(
            SaidLists(Self.home("Shopping List")).completed(two, in: "add milk and add two lemons to the shopping list") == two)
        let tasks = Self.home("Work Tasks", "Personal Tasks")
        let taken = Intent("unsupported")
        #expect(Self.put("add science project to my tasks", taken: taken, in: tasks) == taken)
        #expect(Self.put("add science project to my work tasks", taken: taken, in: tasks).slots["list"] == "work tasks")
    }
}
