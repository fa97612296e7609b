internal import MynaText

extension Home {
    /// Requests with this home's names, for a recogniser to look out for: not all that can be said, but every name in
    /// the places where names stand.
    public var typicalSentences: [String] {
        var sentences: [String] = []
        var known: Set<String> = []
        func add(_ names: [String], _ frames: [String]) {
            for name in names.map({ SpokenForm.text(of: $0) }) where !name.isEmpty {
                for frame in frames {
                    let sentence = frame.replacing("*", with: name)
                    if known.insert(sentence).inserted { sentences.append(sentence) }
                }
            }
        }
        for area in areas { add([area.name] + area.aliases, Self.placeFrames) }
        for floor in floors { add([floor.name] + floor.aliases, Self.placeFrames) }
        for entity in entities {
            add([entity.name] + entity.aliases, Self.commonFrames + (Self.frames[entity.domain] ?? []))
        }
        for resident in residents { add([resident.name], ["tell *", "where is *", "*'s room", "in *'s room"]) }
        return sentences
    }

    private static let commonFrames = [
        "*", "the *", "what about the *", "and the *", "not the *", "is the * on", "turn on the *", "turn off the *",
        "turn the * on",
        "turn the * off", "is the * still on", "the * please",
    ]

    private static let placeFrames = [
        "the *", "in the *", "turn on the * light", "turn on the * lights", "turn off the * lights",
        "turn on the lights in the *",
        "turn off the lights in the *", "turn off everything in the *", "what is the temperature in the *",
        "how warm is it in the *",
        "is the light on in the *", "set the * to", "make it warmer in the *", "turn on the light in the *", "what's on in the *",
        "turn up the heating in the *", "turn off the * light", "and the *", "the * too", "* please", "open the * blinds",
        "play music in the *",
    ]

    /// By domain, beside the common ones.
    private static let frames: [String: [String]] = [
        "light": [
            "dim the *", "dim the * to", "set the * to", "make the * brighter", "make the * blue", "set the * to half",
            "brighten the *",
        ],
        "cover": [
            "open the *", "close the *", "open the * halfway", "is the * open", "raise the *", "lower the *", "shut the *",
            "did i close the *",
        ],
        "lock": ["lock the *", "unlock the *", "is the * locked", "did i lock the *"],
        "climate": ["set the * to", "turn up the *", "turn down the *", "what is the * set to"],
        "fan": ["set the * to", "turn up the *", "turn down the *"],
        "media_player": [
            "play music on the *", "pause the *", "stop the *", "turn up the *", "turn down the *", "what is playing on the *",
            "mute the *",
        ],
        "vacuum": ["start the *", "stop the *", "send the * home", "where is the *"],
        "scene": ["activate *", "start *", "set the scene *", "i want *"],
        "script": ["run *", "start *"],
        "automation": ["turn off the * automation", "run *"],
        "timer": ["start the *", "cancel the *", "how long is left on the *"],
        "todo": ["add milk to the *", "add milk to my *", "what is on the *", "put it on the *"],
        "sensor": ["what is the *", "what does the * say", "how high is the *"],
        "binary_sensor": ["is the * open", "is the * closed"],
        "valve": ["open the *", "close the *"],
        "lawn_mower": ["start the *", "dock the *"],
    ]
}
