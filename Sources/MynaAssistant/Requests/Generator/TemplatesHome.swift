/// Requests that switch, open, lock and start things.
///
/// A group begins with `@name kind class weight states`: the class says what may be said around it (`command` takes
/// politeness, `fragment` only little of it, `question`, `statement`, `answer`). A line is `action: pattern`.
enum TemplatesHome {
    static let rules = """
        t = {target:<det> <switchable>}
        tw = <t> [<where>]
        L = {target:<det> <light>}
        Lw = <L> [<where>]
        cov = {target:<det> (<cover>|<cover>|<cover>|<door>|<door>)}
        covw = <cov> [<where>]
        ts = (are|is)
        inplace = (in|in|in|on|at) {place:<my> <room>}
        ensure = (make sure|ensure|make certain|see to it|see|check|be sure)
        wish = (i want|i need|i'd like|i would like|i would love|we need|i wanna have|i'd love to have|let me have|let's have|
          we want|we'd like|could i have|can i have|can we have|could we get|can i get|may i have)
        each = (every|each|every single) (light|lamp|bulb|spot|light|lamp|fan|switch|device|speaker|tv|radio|plug)
        but = (but|except|except for|apart from|besides|other than|but not|excluding|save for|all but|not counting|with the
          exception of)
        ex = (<but> {*except:<det> (<room>|<room>|<light>|<switchable>)}|<but> {*except:(the one|the ones|those) <inroom>}|
          <but> {*except:(here|in here|this one|mine|this room)}|<but> (in|on) {*except:<my> <room>}|<but> {*except:<my>
          <room> and <my> <room>})
        """

    static let text = """
        @switch-on home command 24
        turn_on: (turn|switch|put) on <tw>
        turn_on: turn on <tw>
        turn_on: (turn|switch|put) <t> on
        turn_on: (turn|switch|put) <t> on <where>
        turn_on: (turn|switch|put) <t> <where> on
        turn_on: power (on|up) <tw>
        turn_on: power <t> (on|up)
        turn_on: (fire|start|boot) up <tw>
        turn_on: (activate|enable|engage) {target:<det> (<light>|<fan>|<climate>|<media>|<plug>)} [<where>]
        turn_on: (flip|kick|flick|bring|throw|pop|click|hit) on <tw>
        turn_on: (flip|flick|click|pop|get|bring|have) <t> on [<where>]
        turn_on: get <t> (going|running|working|started)
        turn_on: bring <t> (to life|online|back on)
        turn_on: <ensure> [that] <t> (is|are) [turned|switched] on [<where>]
        turn_on: light up {place:[the|my] <room>}
        turn_on: (turn|switch) on {place:[the|my] <theroomname>}
        turn_on: (turn|switch|put) on {target:(a|some|the) (light|lamp|lights|lighting)} [<where>]
        turn_on: give (me|us) some {target:light} [<where>]
        turn_on: get some {target:(light|lights|music|heat)} on [<where>]
        turn_on: (let there be|let's have some|shine some|shed some|throw some) {target:light} [<where>]
        turn_on: (illuminate|light) {place:<theroom>}
        turn_on: illuminate <L>
        turn_on: keep <t> on
        turn_on: (turn|switch|put) on {target:[the|some] <lights>} <where>
        turn_on: set <t> to on
        turn_on: set <t> on
        turn_on: change <t> to on
        turn_on: leave <t> on
        turn_on: run <t>
        turn_on: (turn|switch|put|leave) on <tw> for {duration:<duration>}
        turn_on: (turn|switch|leave) <t> on for {duration:<duration>} [<where>]
        turn_on: run <t> for {duration:<duration>}
        turn_on: (turn|switch|put) <t> back on [<where>]
        turn_on: (get|have) the {target:(lights|lamp|tv|heating|fan)} on (for|before) (me|us|dinner|when i get home)
        turn_on: <where> (turn|switch|put) on <t>
        turn_on: <where> (turn|switch|put) <t> on
        turn_on: (spark|kick|wake|crank|juice|start) up <t> [<where>]
        turn_on: (wake|start|get) <t> up [<where>]
        turn_on: get <L> (glowing|working|lit|burning|shining|back on)
        turn_on: (flip|hit|snap|tap) <t> on

        @switch-on-fragment home fragment 9
        turn_on: <t> on
        turn_on: <t> <where> on
        turn_on: <t> on <where>
        turn_on: {target:[<room>] (light|lights|lamp|fan|tv|heating)} on
        turn_on: {place:<theroomname>} on
        turn_on: {target:lights} on
        turn_on: {target:(lights|light)} <where>
        turn_on: on with <t>
        turn_on: <t> (to on|back on|on again|on now)
        turn_on: on {target:<switchable>}
        turn_on: light {place:<room>}

        @switch-on-wish home statement 3
        turn_on: <wish> <t> on [<where>]
        turn_on: <wish> <t> [to be] (turned|switched|put) on
        turn_on: <wish> some {target:(light|lights)} [on] <where>
        turn_on: <t> (should|must|needs to|has to|ought to|can) be on
        turn_on: how about (turning|switching) on <tw>
        turn_on: <wish> you to (turn|switch|put) on <tw>
        turn_on: would you mind (turning|switching|putting) <t> on
        turn_on: would you mind (turning|switching|putting) on <tw>
        turn_on: do you think you could (turn|switch) <t> on
        turn_on: i forgot to (turn|switch) on <tw>
        turn_on: time to (turn|switch|put) on <t>
        turn_on: it would be (nice|great|good) to have <t> on
        turn_on: i can't see [anything|a thing] (turn|switch|put) on <tw>
        turn_on: we could use {target:[the] <lights>} [on] <where>
        turn_on: (we|i) could do with <t> (on|running|switched on)
        turn_on: <t> (may|might|could) (come|go|be turned|be switched|be) on [again|now]
        turn_on: <t> (wants|needs) (turning|switching|to be turned|to be switched) on
        turn_on: can <t> (go|be|come) on
        turn_on: (let's get|let's have|can i get|can we get|could we have) <t> on

        @switch-off home command 24
        turn_off: (turn|switch|shut) off <tw>
        turn_off: turn off <tw>
        turn_off: (turn|switch|shut) <t> off
        turn_off: (turn|switch|shut) <t> off <where>
        turn_off: (turn|switch|shut) <t> <where> off
        turn_off: (turn|put|switch) out {target:<det> <light>} [<where>]
        turn_off: (turn|put|switch) {target:<det> <light>} out [<where>]
        turn_off: power (off|down) <tw>
        turn_off: power <t> (off|down)
        turn_off: (kill|cut|douse|extinguish|nix) <tw>
        turn_off: (deactivate|disable|disengage|unpower) <tw>
        turn_off: (shut|close) down <tw>
        turn_off: shut <t> down
        turn_off: (flip|flick|click|knock|pop|hit) off <tw>
        turn_off: (flip|flick|click|pop|get|have) <t> off [<where>]
        turn_off: cut (the power|power) to <t>
        turn_off: cut <t> off
        turn_off: <ensure> [that] <t> (is|are) [turned|switched] off [<where>]
        turn_off: (turn|switch) off {place:[the|my] <theroomname>}
        turn_off: (kill|cut|turn off) {target:[the] (lights|light|lamps|power|music|tv|heat)} <where>
        turn_off: keep <t> off
        turn_off: set <t> [to] off
        turn_off: change <t> to off
        turn_off: take <t> offline
        turn_off: unplug <t>
        turn_off: (turn|switch) <t> back off
        turn_off: <where> (turn|switch) off <t>
        turn_off: (put|switch) {target:the (lights|light|lamps)} (off|out) [<where>]
        turn_off: (turn|switch) off <tw> for {duration:<duration>}
        turn_off: (turn|switch) <t> off for {duration:<duration>}
        turn_off: get rid of {target:[the] (light|lights)} <where>
        turn_off: make it dark <where>

        @switch-off-fragment home fragment 10
        turn_off: <t> off
        turn_off: <t> <where> off
        turn_off: <t> off <where>
        turn_off: {target:(lights|light|lamps|all lights|everything|all the lights)} (off|out) [<where>]
        turn_off: {target:[<room>] (light|lights|lamp|fan|tv|heating)} (off|out)
        turn_off: {place:<theroomname>} off
        turn_off: off with <t>
        turn_off: <t> (to off|off again|off now|out)
        turn_off: off {target:<switchable>}
        turn_off: {target:lights} out
        turn_off: {target:lamp} off {place:<room>}

        @switch-off-wish home statement 3
        turn_off: <wish> <t> off [<where>]
        turn_off: <wish> <t> [to be] (turned|switched) off
        turn_off: i don't (need|want) <t> [on] (anymore|any more|any longer|right now|now)
        turn_off: (nobody|no one) needs <t> [on] [anymore]
        turn_off: <t> (should|must|needs to|has to|ought to|can) (be|go) off
        turn_off: how about (turning|switching) off <tw>
        turn_off: <wish> you to (turn|switch|shut) off <tw>
        turn_off: would you mind (turning|switching|shutting) <t> off
        turn_off: would you mind (turning|switching) off <tw>
        turn_off: i forgot to (turn|switch) off <tw>
        turn_off: i left <t> on (turn|switch|shut) it off
        turn_off: i'm done with <t>
        turn_off: time to (turn|switch) off <t>
        turn_off: we're (done|finished) <where> [so] (turn|switch) off {target:(the lights|everything|the light)}
        turn_off: did i leave <t> on turn it off
        turn_off: <t> (may|might|could) (be turned|be switched|be|go) off [again|now]
        turn_off: <t> (wants|needs) (turning|switching|to be turned|to be switched) off
        turn_off: can <t> (go|be) off
        turn_off: (let's get|let's have|can i get|can we get|could we have) <t> off
        turn_off: (we're|i'm) (done|finished) with <t> [for (now|today|tonight)]
        turn_off: i (need|want) <t> (gone|dark|out|off) [<where>]

        @negated home statement 1
        cancel: (don't|do not|please don't|never|you don't have to|no need to) (turn|switch) (on|off) [the] <switchable>
        cancel: (don't|do not|please don't|never) (turn|switch) [the] <switchable> (on|off) [yet|again]
        cancel: (don't|do not|please don't) (open|close|lock|unlock|start|touch) [the] (<cover>|<lock>|<robot>)
        cancel: (no need|it's not necessary|there's no need) to (do|change|turn off|turn on) (that|anything|it)

        @water home command 1.5
        turn_on: turn on {target:[the] (water|tap|gas|hot water|shower|faucet|water supply)} [<where>]
        turn_off: (turn|shut) off {target:[the] (water|tap|gas|hot water|shower|faucet|water supply|main valve)} [<where>]
        turn_on: arm {target:[the] (alarm|house alarm|security system|alarm system)}
        turn_off: disarm {target:[the] (alarm|house alarm|security system|alarm system)}
        set: (set|arm) {target:[the] (alarm|security system)} (to|in) {value:(away|home|night|vacation)} [mode]
          {property=mode}

        @toggle home command 3
        toggle: toggle <tw>
        toggle: (flip|toggle|invert|reverse|change) the (state|status|switch) of <t>
        toggle: (flip|switch) <tw>
        toggle: (flip|toggle) <t> <where>
        toggle: (switch|change|flip) <t> (state|over|the other way|to the other state)
        toggle: if <t> is on turn it off (and|otherwise|else) turn it on
        toggle: hit the switch (for|on|of) <t>
        toggle: flip <t> on or off

        @all home command 12
        turn_off: (turn|switch|shut) off {target:<all> <plural>} [<where>]
        turn_off: (turn|switch|shut) {target:<all> <plural>} off [<where>]
        turn_off: (turn|switch|shut) {target:<all> <groups>} <where> off
        turn_off: (kill|cut|deactivate|douse) {target:<all> <groups>} [<where>]
        turn_off: (kill|cut|turn off|switch off|shut off) {target:everything} [<where>]
        turn_off: (turn|switch|shut|power) {target:everything} (off|down) [<where>]
        turn_off: (turn|put) out {target:<all> <groups>} [<where>]
        turn_off: (turn|switch) off {target:[the] <groups>} <where>
        turn_off: turn {target:(everything|it all|the whole lot|the lot)} off <where>
        turn_off: (turn|switch) off {target:(every|each) (light|lamp|device|appliance|fan|tv|radio)} [<where>]
        turn_off: (get|have) {target:(every light|every lamp|all the lights|all lights)} (off|out) [<where>]
        turn_off: (turn|shut|knock|put) (off|out) {target:<each>} [<where>]
        turn_off: (turn|shut|switch|put) {target:<each>} <where> (off|out)
        turn_off: <wish> {target:(<each>|<all> <groups>)} [<where>] (off|out)
        turn_off: {target:(<each>|<all> <groups>)} [<where>] (must|has to|have to|can|need to) (go|be) (off|out)
        turn_on: (turn|switch|flip|get|have) {target:<each>} <where> on
        turn_on: (turn|switch|put|flip) on {target:<each>} [<where>]
        turn_on: <wish> {target:(<each>|<all> <groups>)} [<where>] on
        turn_on: {target:(<each>|<all> <groups>)} [<where>] (must|has to|have to|can|need to) (be|go) on
        turn_off: <ensure> {target:<all> <groups>} <ts> off [<where>]
        turn_off: shut {place:[the] (downstairs|upstairs|whole house|whole place|house)} down
        turn_on: (turn|switch|put) on {target:<all> <plural>} [<where>]
        turn_on: (turn|switch|put) {target:<all> <plural>} on [<where>]
        turn_on: (turn|switch|put) {target:<all> <groups>} <where> on
        turn_on: (turn|switch|put) on {target:everything} [<where>]
        turn_on: (turn|switch) {target:everything} on [<where>]
        turn_on: (turn|switch) on {target:[the] <groups>} <where>
        turn_on: (turn|switch) on {target:(every|each) (light|lamp|device|fan|tv|radio)} [<where>]
        turn_on: <ensure> {target:<all> <groups>} <ts> on [<where>]
        open: (open|raise) [up] {target:<all> (<covern>|windows|blinds|curtains|shades|doors|shutters)} [<where>]
        close: (close|shut|lower) {target:<all> (<covern>|windows|blinds|curtains|shades|doors|shutters)} [<where>]
        close: close {target:everything} [<where>]
        lock: lock {target:(everything|all the doors|every door|all doors|all the locks|the doors|all of the doors)} [up]
          [<where>]
        unlock: unlock {target:(all the doors|every door|all doors|the doors|all of the doors)} [<where>]
        stop: stop {target:(everything|all the music|all the blinds|all <covern>|all speakers)} [<where>]
        pause: pause {target:(everything|all the music|all speakers|all the tvs|all media players)} [<where>]

        @all-fragment home fragment 5
        turn_off: {target:all [the] <groups>} (off|out) [<where>]
        turn_on: {target:all [the] <groups>} on [<where>]
        turn_off: {target:everything} off [<where>]
        turn_on: {target:everything} on [<where>]
        turn_off: {target:<groups>} (off|out) <where>
        turn_on: {target:<groups>} on <where>
        close: {target:all [the] (blinds|curtains|shades|windows)} (closed|down|shut)
        open: {target:all [the] (blinds|curtains|shades|windows)} (open|up)
        lock: {target:(all doors|everything|doors)} locked

        @except home command 7
        turn_off: (turn|switch|shut) off {target:<all> <groups>} [<where>] <ex>
        turn_off: (turn|switch|shut) {target:<all> <groups>} off <ex>
        turn_off: (turn|switch|shut|kill) (off|) {target:everything} [<where>] <ex>
        turn_off: (turn|switch) {target:everything} off [<where>] <ex>
        turn_off: (turn|switch) off {target:everything} but leave {except:<det> (<light>|<switchable>)} (on|alone|running)
        turn_off: (turn|switch) off {target:<all> <groups>} [<where>] but (leave|keep) {except:<det>
          (<light>|<light>|<room>)} on
        turn_off: (turn|switch) {target:<all> <groups>} off [<where>] but (not|keep) {except:<det> (<light>|<room>)} [on]
        turn_off: (except for|apart from|other than|besides) {except:<det> (<room>|<light>)} (turn|switch) {target:<all>
          <groups>} off
        turn_off: leave {except:<det> <light>} on but (turn|switch) off {target:everything else}
        turn_on: (turn|switch|put) on {target:<all> <groups>} [<where>] <ex>
        turn_on: (turn|switch) {target:<all> <groups>} on <ex>
        turn_on: (turn|switch) on {target:everything} [<where>] <ex>
        close: (close|shut|lower) {target:<all> (<covern>|blinds|curtains|windows)} [<where>] <ex>
        open: (open|raise) {target:<all> (<covern>|blinds|curtains|windows)} [<where>] <ex>
        lock: lock {target:(all the doors|every door|everything|all doors)} <but> {except:<det> <lock>}
        turn_off: {target:(all lights|all the lights|everything|lights)} (off|out) [<where>] <ex>
        turn_on: {target:(all lights|all the lights|lights)} on [<where>] <ex>
        turn_off: (turn|shut|knock|put) (off|out) {target:<each>} [<where>] <ex>
        turn_off: (turn|shut|put) {target:<each>} [<where>] (off|out) <ex>
        turn_off: {target:<each>} (off|out) [<where>] <ex>
        turn_off: {target:(<each>|<all> <groups>)} <where> out <ex>
        turn_off: (turn|switch|have|get) {target:<all> <groups>} <where> (off|out) <ex>
        turn_off: <wish> {target:(<each>|<all> <groups>)} [<where>] (off|out) <ex>
        turn_on: (turn|put|flip) on {target:<each>} [<where>] <ex>
        turn_on: (turn|switch|have|get) {target:(<each>|<all> <groups>)} <where> on <ex>
        turn_on: {target:(<each>|<all> <groups>)} <where> on <ex>
        turn_off: (turn|switch|shut) off {target:<all> <room> (lights|lamps|fans)} <ex>
        turn_on: (turn|switch) on {target:<all> <room> (lights|lamps|fans)} <ex>

        @cover home command 12
        open: open [up] <covw>
        open: (open|raise|lift) [up] <covw>
        open: (open|raise|lift|pull|roll|put|wind|crank) <cov> up
        open: (pull|roll|put|wind) up {target:<det> <cover>} [<where>]
        open: (draw|pull) {target:<det> <cover>} (back|open|apart)
        open: (extend|unfurl|deploy|unroll) {target:[the] (awning|awnings|sunshade)} [<where>]
        open: let some (light|sun|sunshine|sunlight) in [by opening] {target:[the] <covern>}
        open: (crack|throw|fling|swing) open <cov>
        open: get <cov> open
        open: open <covw> for {duration:<duration>}
        open: <ensure> <cov> <ts> open [<where>]
        open: <where> open <cov>
        open: open {target:[the] (window|windows|blinds|curtains|shades|door|gate|garage)} [<where>]
        close: (close|shut) <covw>
        close: (close|shut|lower) [up] <covw>
        close: (close|shut|lower|pull|roll|put|let|wind|bring) <cov> down
        close: (pull|roll|put|bring|let) down {target:<det> <cover>} [<where>]
        close: (draw|pull) {target:<det> <cover>} (closed|shut|together|to|down)
        close: (draw|drop) {target:<det> <cover>} [<where>]
        close: (retract|furl|roll up|fold) {target:[the] (awning|awnings|sunshade)} [<where>]
        close: block [out] the (light|sun) with {target:[the] <covern>}
        close: (slam|push) <cov> (shut|closed)
        close: get <cov> (closed|shut)
        close: <ensure> <cov> <ts> (closed|shut|down) [<where>]
        close: <where> close <cov>
        close: close {target:[the] (window|windows|blinds|curtains|shades|door|gate|garage)} [<where>]
        stop: stop <covw>
        stop: (stop|halt|freeze) <cov> (there|right there|where it is|where they are|now|moving|right now)
        stop: (hold|freeze|halt) <covw>
        stop: stop (moving|opening|closing|raising|lowering) <cov>
        stop: stop [moving|that|there]

        @cover-fragment home fragment 5
        open: <cov> (open|up)
        close: <cov> (closed|down|shut)
        open: {target:(blinds|curtains|shades|window|garage)} (up|open) [<where>]
        close: {target:(blinds|curtains|shades|window|garage)} (down|closed|shut) [<where>]
        open: {place:<theroomname>} {target:(blinds|shutters|curtains)} up
        stop: <cov> stop
        open: up with {target:[the] <cover>}
        close: down with {target:[the] <cover>}

        @cover-wish home statement 2
        open: <wish> <cov> open [<where>]
        close: <wish> <cov> (closed|shut|down) [<where>]
        open: would you mind (opening|raising) <covw>
        close: would you mind (closing|shutting|lowering) <covw>
        close: i forgot to (close|shut) <cov>
        close: (did i leave|i left|somebody left|someone left) <cov> open [so|can you] (close|shut) it
        open: <cov> (should|needs to|must|has to) (be open|go up|open)
        close: <cov> (should|needs to|must|has to) (be closed|go down|close|shut)
        open: i need some (fresh air|sunlight|daylight) open {target:[the] (window|blinds|curtains|windows)}

        @lock home command 8
        lock: lock [up] {target:<det> <lock>} [<where>]
        lock: lock {target:<det> <lock>} [<where>]
        lock: (lock|bolt|secure|latch|deadbolt) {target:<det> <lock>}
        lock: <ensure> [that] {target:<det> <lock>} (is|are) (locked|secure|secured|bolted)
        lock: (engage|throw) {target:[the] (lock|deadbolt|<room> lock)}
        lock: get {target:<det> <lock>} locked
        lock: lock (it all|the house|the place) up [for the night]
        lock: lock {target:<det> (door|doors|gate)} <where>
        unlock: unlock {target:<det> <lock>} [<where>]
        unlock: (unlock|unbolt|unlatch|unsecure) {target:<det> <lock>}
        unlock: (disengage|release|undo) {target:<det> <lock>}
        unlock: <ensure> {target:<det> <lock>} (is|are) unlocked
        unlock: get {target:<det> <lock>} unlocked
        unlock: unlock {target:<det> (door|doors|gate)} <where>
        unlock: unlock {target:<det> <lock>} (for|so) (<list:names>|me|us|the plumber|the guests|i can get in|the cleaner)
        unlock: let (<list:names>|me|us|the dog|the kids|the guests) in (at|through) {target:[the] <lock>}

        @lock-fragment home fragment 2
        lock: {target:<lock>} (lock|locked)
        unlock: {target:<lock>} (unlock|unlocked)
        lock: {target:(door|doors|front door)} locked please
        lock: <wish> {target:<det> <lock>} locked
        unlock: <wish> {target:<det> <lock>} (unlocked|open for me)
        lock: i forgot to lock {target:<det> <lock>}

        @robot home command 8
        start: (start|launch|run|begin|send out|deploy|kick off) {target:<det> <robot>} [<where>]
        start: start {target:<det> <robot>}
        start: get {target:<det> <robot>} (going|started|to work|cleaning|vacuuming|to clean)
        start: (vacuum|clean|hoover|sweep|mop|wash) {place:<my> <room>}
        start: (vacuum|clean|hoover|sweep|mop) {place:<theroomname>}
        start: (vacuum|clean|hoover|sweep|mop|tidy) [up] {place:(upstairs|downstairs|the house|here|the whole house)}
        start: (vacuum|clean|hoover|sweep|mop) (the|all the|) (floor|floors|carpet|carpets|rug|rugs)
        start: (vacuum|clean|hoover|sweep) (in|around|under) {place:<my> (<room>|<list:furniture>)}
        start: have {target:<det> <robot>} (clean|vacuum|sweep|do|mop) {place:<my> <room>}
        start: (send|tell|ask|get) {target:<det> <robot>} to (clean|vacuum|do|sweep|mop) {place:<my> <room>}
        start: send {target:<det> <robot>} to {place:<my> <room>}
        start: (mow|cut|trim) {target:the (lawn|grass|back lawn|front lawn|yard)}
        start: (start|begin) (mowing|cutting) [{target:the (lawn|grass)}]
        start: mow {place:the (front yard|back yard|garden|front garden)}
        stop: (stop|cancel|end) (mowing|cutting) {target:the (lawn|grass)}
        start: (start|begin|do some|do the) (cleaning|vacuuming|hoovering|sweeping) [<where>]
        start: (vacuum|clean|hoover) (please|now)
        start: give {place:<my> <room>} a (clean|vacuum|sweep|once over|quick clean)
        start: i need {place:<my> <room>} (cleaned|vacuumed|mopped|swept)
        start: {place:<my> <room>} (needs|could use) (a clean|vacuuming|cleaning|a sweep)
        dock: dock {target:<det> <robot>}
        dock: (send|bring|return|take|get|call) {target:<det> <robot>} (home|back|to [its|the]
          (base|dock|station|charger)|back to
          [its|the] (base|dock|station|charging station)|back home|to charge)
        dock: (tell|ask) {target:<det> <robot>} to (go home|return|dock|go back|charge|stop and go home)
        dock: return {target:<det> <robot>}
        dock: {target:<det> <robot>} (go home|back to base|home|return to base|dock|to the dock)
        dock: return to [the] (base|dock)
        dock: go back to (your|the) (dock|base|charger)
        dock: (park|charge) {target:<det> <robot>}
        dock: send it (home|back to its dock)
        stop: (stop|halt) {target:<det> <robot>}
        stop: (stop|cancel) (cleaning|vacuuming|mowing|hoovering) [<where>]
        stop: (tell|make) {target:<det> <robot>} [to] stop
        pause: pause {target:<det> <robot>}
        pause: (pause|hold) the (cleaning|vacuuming|mowing)
        resume: (resume|continue) (cleaning|vacuuming|mowing)
        resume: (let|have) {target:<det> <robot>} (continue|carry on)

        @appliance home command 5
        start: (start|run|begin) {target:<det> <plug>} [<where>]
        start: (start|run) {target:[the] (dishwasher|washing machine|washer|dryer|oven|coffee machine|coffee
          maker|sprinklers)}
        start: (make|brew|fix|get) (me|us|) [some|a|a cup of|a pot of] {target:(coffee|tea|espresso|cappuccino|latte)}
        start: (start|begin) (a|the) (wash|cycle|load|rinse) (on|in|with) {target:<det> <plug>}
        start: get {target:<det> <plug>} (going|started|running)
        start: (water|irrigate) {place:<det> (lawn|garden|plants|flowers|back yard|vegetable patch|front yard|greenhouse)}
        start: preheat {target:[the] oven}
        start: (boil|heat) {target:[the] (kettle|water)}
        start: feed {target:[the|my] (cat|fish|dog|hamster)}
        start: (warm|heat) up {target:[the] (car|coffee machine|sauna|hot tub)}
        stop: (stop|cancel|abort|end) {target:<det> <plug>} [<where>]
        stop: stop (watering|the wash|the cycle|brewing) [<where>]
        pause: pause {target:<det> <plug>}
        stop: (silence|stop) {target:[the] (alarm|siren|doorbell|smoke alarm|beeping)}

        @scene home command 7
        activate: (activate|enable|trigger|launch|apply|engage) {target:[the|my] <scene> [scene|mode|routine|script]}
          [<where>]
        activate: (set|change|switch) [the] (scene|mood) to {target:<scene>}
        activate: (set|change|switch) (the|my) (house|home) to {target:<scene> [mode]}
        activate: (run|start|execute|play) {target:[the|my] <scene> (scene|routine|script|mode|automation)} [<where>]
        activate: (go|switch|change) (to|into) {target:[the] <scene> [mode|scene]}
        activate: (it's|it is) {target:<scene>} [time]
        activate: (make it|let's do|let's have|set up|get ready|get the house ready|prepare) [for] {target:[a|the] <scene>}
        activate: (put|set) the (house|room|place|lights) (in|into|on|to) {target:<scene>} mode
        activate: (put|set) {place:<my> <room>} (in|into|on|to) {target:<scene>} [mode]
        activate: set {place:<my> <room>} for {target:<scene>}
        activate: do {target:[the|my] <scene> (scene|routine|thing|script)}
        activate: (trigger|run|execute|press|push) {target:[the] (<scene> button|<invented>
          (script|automation|button)|<scene> automation)}
        activate: (time for|ready for|we're having|we are doing|i'm in the mood for) {target:[a|the] <scene>}
        activate: i want {target:<scene>} (mode|scene)
        activate: (press|push|hit|trigger|run|execute|launch) {target:[the] (<odd>|<scene>|<room> <list:objects>|<plug>)
          (button|script|routine)}
        activate: (run|execute|trigger) {target:[the] <odd>}
        turn_on: turn on {target:[the|my] <scene> (scene|mode|routine)}
        turn_on: turn {target:[the|my] <scene> (scene|mode)} on
        turn_off: turn off {target:[the|my] <scene> (scene|mode|routine)}
        activate: activate {target:[the] <invented> [<invented>]}

        @scene-fragment home fragment 2
        activate: {target:<scene> (scene|mode|routine|please)}
        activate: {target:<scene>} [mode] (please|now)
        activate: {target:<list:scenes>}
        activate: {target:<scene>} in {place:<my> <room>}
        activate: {target:<scene>} time

        @announce home command 1.5
        announce: (announce|broadcast) [everywhere] [that] {item:<announcement>}
        announce: (tell|let) everyone [know] [that] {item:<announcement>}
        announce: (announce|say|broadcast) (in|on) {place:<my> <room>} [that] {item:<announcement>}
        announce: (tell|let) (the kids|<list:names>|the family|everybody) [know] [that] {item:<announcement>}
        announce: make an announcement [that] {item:<announcement>}
        announce: (announce|broadcast) {item:<announcement>} (in|to) {place:<my> <room>}

        @two-devices home command 9
        turn_on: (turn|switch|put) on <t> and &turn_on& <t> [<where>]
        turn_on: (turn|switch) on <t> <inplace> and &turn_on& <t> <inplace>
        turn_off: (turn|switch) off <t> <inplace> and &turn_off& <t> <inplace>
        turn_on: (turn|switch) on <t> <inplace> and &turn_off& (turn|switch) off <t> <inplace>
        turn_off: (turn|switch|kill) (off|) {target:[the] <room> and <room> (lights|lamps|fans)}
        turn_on: (turn|switch) on {target:[the] <room> and <room> (lights|lamps|fans)}
        turn_off: (turn|switch) {target:[the] <room> <room> and <room> (lights|lamps)} off
        turn_on: (turn|switch) {target:[the] <room> and <room> (lights|lamps|fans)} on
        close: (close|shut) <cov> <inplace> and &close& <cov> <inplace>
        turn_on: (turn|switch|put) <t> and &turn_on& <t> on [<where>]
        turn_off: (turn|switch|shut) off <t> and &turn_off& <t> [<where>]
        turn_off: (turn|switch|shut) <t> and &turn_off& <t> off [<where>]
        turn_on: (turn|switch) on <t> [and] &turn_on& <t> and &turn_on& <t>
        turn_off: (turn|switch) off <t> [and] &turn_off& <t> and &turn_off& <t>
        turn_on: (turn|switch|put) <t> on and &turn_off& <t> off
        turn_off: (turn|switch|put) <t> off and &turn_on& <t> on
        turn_on: (turn|switch) on <t> and &turn_off& (turn|switch) off <t>
        turn_on: (turn|switch|put) on <L> and &set& (set|dim|turn|put|change) {target:it} to {value:<brightness>}
          {property=brightness}
        turn_on: (turn|switch) on <L> and &set& (make|turn|set) {target:it} [to] {value:<color>} {property=color}
        turn_on: (turn|switch) on {target:<det> <climate>} and &set& set {target:it} to {value:<degrees>}
          {property=temperature}
        turn_on: (turn|switch) on {target:<det> <fan>} and &set& (set|put) {target:it} (to|on) {value:<speed>}
          {property=speed}
        turn_on: (turn|switch) on {target:<det> <media>} and &set& set the volume to {value:<volume>} {property=volume}
        turn_on: (turn|switch) on {target:<det> <media>} and &play& play {item:<played>}
        open: open <cov> and &turn_off& (turn|switch) off {target:<det> <light>} [<where>]
        turn_on: (turn|switch) on both <t> and &turn_on& <t>
        turn_off: <t> off and &turn_on& <t> on
        turn_on: <t> on [and] &turn_off& <t> off
        turn_off: <t> and &turn_off& <t> off
        turn_on: <t> and &turn_on& <t> on
        turn_on: (switch|put|flip) <t> on and &turn_off& <t> off
        turn_off: (switch|put|flip) <t> off and &turn_on& <t> on
        turn_on: have <t> on and &turn_off& <t> off
        turn_off: <t> off and &set& <L> (at|to) {value:<percent>} {property=brightness}
        turn_on: <t> on and &set& <L> (at|to) {value:<percent>} {property=brightness}
        turn_off: (turn|switch) <t> off and &set& (set|put|bring|take) <L> (at|to) {value:<percent>} {property=brightness}
        turn_off: <t> off and [then] &set& (i want|we want|let's have|i need|make|have) <L> (at|on) {value:<percent>} {property=brightness}
        open: open <cov> and &open& <cov>
        close: (close|shut) <cov> and &close& <cov>
        close: (close|shut) <cov> and &lock& lock {target:<det> <lock>}
        lock: lock {target:<det> <lock>} and &lock& {target:<det> <lock>}
        lock: lock up [and] &turn_off& (turn|switch) off {target:(everything|all the lights|the lights)} [<where>]
        turn_off: (turn|switch) off {target:<my> <switchable>} <where> and &turn_off& {target:<my> <switchable>} in the <room>
        """

    static let talkRules = """
        announcement = ((dinner|lunch|breakfast|supper|food|tea) is (ready|served|on the table|nearly ready)|(it's|it is)
          time (for bed|to
          go|for school|to leave|for dinner|for <list:scenes>)|(the movie|the game|the show) (is starting|starts)
          [soon|now]|i'm home|
          (i'll be|we'll be) (home|back) (soon|late)|(the guests|<list:names>|grandma|the pizza) (is|are) here|everyone come
          (downstairs|
          to <my> <room>)|(bedtime|lights out) in <n:5-30/5> minutes|we're leaving in <n:2-20> minutes|the <list:appliances>
          is done)
        """
}
