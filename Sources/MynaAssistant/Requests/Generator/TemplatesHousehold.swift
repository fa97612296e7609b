/// Requests about music, lists, timers and dates.
enum TemplatesHousehold {
    static let rules = """
        player = {target:<det> <media>}
        played = (<list:music>|<list:music>|<list:music>|<list:music>|some <list:music>|the (song|album|track|artist|playlist)
          <list:music>|<list:music> by <list:names> <invented>|(music|something|songs|a song|the album|anything) by
          <list:music>|
          some music|music|my playlist|the playlist <list:music>|the <list:music> playlist|<list:music> radio|something
          (relaxing|
          upbeat|quiet|cheerful|nice|calm)|the (movie|film|show|series|podcast) <list:music>|<invented> <invented>|the radio|
          <list:adjectives> <list:music>|(relaxing|dance|party|dinner|study|background|sleep|workout|christmas) music|the
          news|
          (channel|station) <n:1-99>|<list:music> station|the latest episode of <list:music>|<list:music>
          (live|remix|acoustic))
        good = (<list:foods>|<list:foods>|<list:foods>|<list:goods>|<list:goods>|<quantity>
          <list:foods>|<quantity> <list:foods>|<quantity> <list:goods>|<n:2-12>
          <list:foods>|<list:foods>|<list:adjectives> <list:foods>|<list:objects>|<invented>|<list:adjectives>
          <list:goods>|some <list:foods>|<gerund> <list:goods>|<list:foods> and <list:foods>|<list:foods> for
          (dinner|lunch|<list:names>|the party|the weekend|breakfast))
        gerund = (cooking|baking|washing|cleaning|drinking|sewing|walking|running|shaving|packing|cutting|painting|writing|
          sleeping|swimming|gardening|folding|sanding|sticky|self adhesive|non stick)
        quantity = (<n:2-12>|two bottles of|three cans of|a pound of|a kilo of|a packet of|a box of|a loaf of|half a dozen|
          a bag of|<n:2-6> packs of|a litre of|a jar of|five hundred grams of|a dozen|a couple of|a few|a bunch of|another|
          one more|some more|<n:2-6> bottles of|<n:2-9> tins of|a tube of|a roll of|a tin of|two pints of|more)
        task = (<list:chores>|<list:chores>|<list:chores>|<list:goods>|<list:events>)
        listname = (shopping|shopping|grocery|to do|<list:lists>|<list:lists>|<list:lists>|<owner>
          <list:lists>|<list:names>'s|<invented>)
        alist = {list:<det> <listname> list}
        blist = {list:<det> (groceries|shopping|chores|to do|to dos|errands|household|<list:lists>)}
        clist = {list:[the|my] list}
        ofwhom = (personal|private|work|home|house|school|weekend|daily|weekly|family|urgent|garden|office|household|
          <list:names>'s|<list:lists>)
        dlist = {list:(my|my|my|our|the|) [<ofwhom>] (tasks|tasks|to dos|todos|chores|errands|groceries|jobs|reminders|wishes|
          things to do|projects|assignments|shopping|plans)}
        elist = {list:(my|our|the) <ofwhom> (tasks|task list|to dos|chores|errands|list|projects|shopping list)}
        anylist = (<alist>|<alist>|<alist>|<blist>|<clist>|<dlist>|<elist>)
        onlist = (to|on|onto|in) <anylist>
        offlist = (from|off|off of|on) <anylist>
        dur = {duration:<duration>}
        tname = {name:[the|my] <list:timernames>}
        timer = (timer|timer|timer|countdown|alarm)
        timerof = ([the|my] {name:(<list:timernames>|<list:timernames>|<list:foods>|<invented>)} timer|[the|my] timer
          (called|named|for)
          {name:[the|my] (<list:timernames>|<list:foods>|<list:chores>)}|[the|my] {duration:<durationof>} timer|[the|my]
          timer for <dur>|
          [the|my] {place:<theroomname>} timer|[the|my] timer in {place:<my> <theroomname>}|[the|my] timer|[the|my] timer|the
          timer)
        event = (<list:events>|<list:events>|<list:events>|a <list:events>|<list:events> with <list:names>|<owner>
          <list:events>|(lunch|dinner|coffee|a call|a meeting|drinks|breakfast) with (<list:names>|<list:relations>|the team))
        calendar = (calendar|calendar|diary|schedule|agenda|family calendar|planner)
        """

    static let text = """
        @play home command 11
        play: play {item:<played>}
        play: play {item:<played>} (in|on) {place:<my> <room>}
        play: play {item:<played>} on <player>
        play: play {item:<played>} on <player> in {place:<my> <room>}
        play: (put on|start|start playing|play me|play us|throw on|stick on) {item:<played>} [<where>]
        play: put {item:<played>} on [<where>]
        play: (i want to|i wanna|let me|let's|i'd like to|can we|we want to) (hear|listen to|play) {item:<played>} [<where>]
        play: (i want to|let's|i'd like to|can we) watch {item:<played>} [on <player>|<where>]
        play: <where> play {item:<played>}
        play: (on|using) <player> play {item:<played>}
        play: (play|start|put on) {item:(music|some music|a song|the radio|some tunes|my music|something)} [<where>|on
          <player>]
        play: (find|look up|search for) and play {item:<played>}
        play: shuffle {item:<played>} [<where>]
        play: listen to {item:<played>} [on <player>]
        play: (how about|i'm in the mood for|i feel like) [some] {item:<list:music>}
        play: (cue up|queue up|blast|spin) {item:<played>} [<where>]
        play: tune [in] to {item:(<list:music>|<list:music> radio|<n:87-107> point <n:1-9>)} [on <player>]

        @media home command 10
        pause: pause [<where>]
        pause: pause {place:<theroom>}
        resume: (resume|unpause) {place:<theroom>}
        pause: pause {place:<det> <theroomname>} (music|tv|media|player)
        resume: (resume|unpause) {place:<det> <theroomname>} (music|tv|media|player)
        next: next (track|song) {place:<theroomname>}
        pause: pause {target:<det> (<media>|music|song|movie|film|show|podcast|playback|video|radio)} [<where>]
        pause: (hold|freeze) {target:the (music|movie|film|show|song|video|playback)} [<where>]
        pause: pause [it|that|this] [for a (second|moment|minute)]
        pause: put {target:the (music|movie|show|film)} on (pause|hold)
        stop: stop {target:<det> (music|song|movie|playback|radio|<media>|<media>|podcast)} [<where>]
        stop: stop playing [{target:(music|the music|the radio)}] [<where>]
        stop: stop [it|that|this|the noise]
        stop: (cut|end|quit) {target:the (music|song|radio|movie|playback)} [<where>]
        stop: turn {target:the (music|song)} off stop playing
        turn_off: turn off {target:the (music|radio|song|podcast|sound)} [<where>]
        resume: (resume|unpause|continue|restart) {target:<det> (<media>|music|song|movie|film|show|podcast|playback)}
          [<where>]
        resume: (resume|unpause|continue|go on|carry on) [playing] [<where>]
        resume: (keep|continue|start) playing [again] [<where>]
        resume: (play|start) {target:the (music|song|movie|show)} again [<where>]
        resume: press play [on {target:<det> <media>}|<where>]
        resume: pick up where (we|i) left off [<where>]
        next: (next|skip) [the|this] (song|track|item|one|episode|station|channel|title) [<where>]
        next: next [please] [<where>]
        next: skip [this|it|that|ahead] [<where>]
        next: skip (to the next|the current|this) (song|track|one|episode) [<where>|on {target:<det> <media>}]
        next: (play|go to|jump to|switch to|give me) the next (song|track|one|episode|station) [<where>|on {target:<det>
          <media>}]
        next: (i don't like|i hate|enough of) this (song|one|track) [skip it|next]
        next: next (song|track|channel) on {target:<det> <media>}
        next: (jump|go|move|fast forward) (on|forward|ahead) [one|a (song|track)|to the next (one|song)] [<where>]
        next: (play|put on|try) (something else|a different (song|one)|another (song|one|track)) [<where>]
        previous: (jump|move|go) (back|backwards) [one|a (song|track)|to the one before] [<where>]
        previous: (the|that) (song|track|one) before [this|that] [one] [again|please]
        pause: (pause|hold|freeze) {target:[the] (audio|stream|stereo|tunes|album|playlist|player|sound)} [<where>]
        resume: (resume|unpause|continue) {target:[the] (audio|stream|stereo|tunes|album|playlist|player|sound)} [<where>]
        previous: (previous|last) (song|track|item|one|episode|station|channel) [<where>]
        previous: (go|skip) back [to the (last|previous) (song|track|one)] [<where>|on {target:<det> <media>}]
        previous: (play|go to|replay|repeat) the (previous|last) (song|track|one|episode) [again] [<where>|on {target:<det>
          <media>}]
        previous: (play|what was) (that|the last) (song|track|one) again [<where>]
        previous: back one (song|track)
        previous: previous (song|track) on {target:<det> <media>}

        @media-fragment home fragment 2
        next: next (song|track|one|)
        previous: previous (song|track|one|)
        pause: (music|playback) pause
        pause: {target:(music|movie|tv|radio)} on pause
        stop: {target:(music|radio)} stop
        play: {item:<played>} (please|on <player>|in {place:<my> <room>})
        play: (music|tunes) please
        turn_off: {target:(music|radio)} off [<where>]

        @list-add list command 11
        list_add: add {item:<good>} <onlist>
        list_add: add {item:(<good>|<task>)} <onlist>
        list_add: (put|stick|pop|throw|write|jot|get|include|note) {item:<good>} (on|onto|to|in|down on) <anylist>
        list_add: (put|write|add) {item:<task>} (on|onto|to|in) {list:<det> (to do list|todo list|to dos|chores list|task
          list|list)}
        list_add: (put|add|write) (down|) {item:<good>}
        list_add: (add|put) {item:<good>} (and|plus) &list_add& {item:<good>} (to|on) {*list:<det> <listname> list}
        list_add: (we need|we're out of|we are out of|i need|we ran out of|we're low on|we need more|i'm out of) {item:<good>}
        list_add: (we need|i need) [to buy|to get|more] {item:<good>} [put it|add it|stick it] <onlist>
        list_add: (remember|don't forget) to (buy|get) {item:<good>}
        list_add: (remind me to|remember to) (buy|get|pick up) {item:<good>} [from the store|at the shop|next time]
        list_add: (create|make|add) a [new] (item|entry|task) (on|in|to) <anylist> (called|named|for|saying)
          {item:(<good>|<task>)}
        list_add: <anylist> add {item:<good>}
        list_add: i (need|have|want) to {item:<task>} (put|add) (it|that) <onlist>
        list_add: {item:<good>} (goes|belongs) on <anylist>
        list_add: (buy|get) {item:<good>} (add|put) (it|that) <onlist>
        list_add: (add|put|write) {item:<task>} (to|on|onto|in) (<dlist>|<elist>|<alist>)
        list_add: (add|put) {item:<task>} (to|on) (<dlist>|<elist>)
        list_add: (add|put) {item:<good>} (to|on) (<dlist>|<elist>)
        list_add: {item:<good>} (should|must|has to|have to|ought to|could|can|will) (go|be|be put|be added) <onlist>
        list_add: {item:(<good>|<task>)} (should|must|has to|have to|ought to) be <onlist>
        list_add: {item:<good>} (need|needs|want|wants) (adding|putting|to be|to be added|to be put) <onlist>
        list_add: (can|could) {item:<good>} go <onlist>
        list_add: (i want|we want|i'd like|we'd like|let's have|let's get|can i have|could we have|i need|let me have)
          {item:<good>} (on|added to|put on) <anylist>
        list_add: (get|have|pop|slip|slap|drop|toss|chuck|whack|squeeze|enter|type|mark) {item:(<good>|<task>)} [down]
          (on|onto|in|to) <anylist>
        list_add: (on|onto|to) <anylist> (put|add|write|stick) {item:(<good>|<task>)}
        list_add: (make|take) a note [that] (we need|i need|to buy|to get|for) {item:<good>} [<onlist>]
        list_add: (jot|note|write|scribble) down {item:(<good>|<task>)} [<onlist>]
        list_add: (we've run out of|we have run out of|we've got no more|we have no more|i've run out of|we're nearly out
          of|we're running low on|i used up the last of the|there's no more|we're short of|we finished the|i ate the last of
          the) {item:<good>} [so|and|then|please|can you] (add|write|stick|pop|jot|get) (it|some|them|more|that) (on|onto|to|down
          on) <anylist>
        list_add: (we've run out of|we have run out of|we've got no more|i've run out of|we're nearly out of|we're running low
          on|i used up the|there's no more|we're short of|we could use|we'll need|we could do with) {item:<good>}
        list_add: (don't let me forget|make sure (we|i) (get|buy)|i must (get|buy)|we should (get|buy)|i have to (get|buy)|we
          have to pick up) {item:<good>} [next time|at the store|soon|on the way home]
        list_add: (new|another) (item|entry|task|thing) (on|in|for) <anylist> {item:(<good>|<task>)}
        list_add: (add|put|get) {item:<good>} &list_add& {item:<good>} and &list_add& {item:<good>} (to|on) {*list:<det>
          <listname> list}
        list_add: (add|put) {item:<good>} and &list_add& {item:<good>} (to|on) (<alist>|<blist>|<dlist>)
        list_add: (add|put) {item:<good>} (to|on) <anylist> and &list_add& {item:<good>} (to|on) <anylist>
        list_add: (add|put) {item:<good>} (to|on) <anylist> and &list_add& {item:<good>} (too|as well)
        list_add: (remember|note|remind me) that (we need|i need|we're out of) {item:<good>}
        list_add: (include|schedule|record|register|save|log) {item:(<task>|<good>)} (in|on|to|under) <anylist>

        @list-other list command 7
        list_add: {item:<good>} <onlist>
        list_add: {item:(<task>|<good>)} (for|on|to) (<dlist>|<elist>|<alist>)
        list_add: <alist> {item:<good>}
        list_remove: (remove|take|delete|drop|scratch|cross|erase|strike) {item:(<good>|<task>)} <offlist>
        list_remove: (remove|take|delete) {item:<good>} (off|from) <anylist>
        list_remove: take {item:<good>} (off|from) <anylist>
        list_remove: (we don't need|i don't need|no need for) {item:<good>} [anymore] [<offlist>]
        list_remove: (remove|delete) {item:(everything|all items|the last item|all|the first item)} (from|on) <anylist>
        list_remove: (clear|empty|wipe|erase) <anylist>
        list_complete: (check|tick|cross|mark) off {item:(<good>|<task>)} [<offlist>]
        list_complete: (check|tick|cross|mark) {item:(<good>|<task>)} off [<anylist>]
        list_complete: (mark|set|check) {item:(<good>|<task>)} [on <anylist>|<onlist>] as
          (done|complete|completed|bought|finished)
        list_complete: (complete|finish) {item:<task>} [on <anylist>]
        list_complete: i (bought|got|already have|picked up) {item:<good>} [(check|tick|cross) it off [<anylist>]]
        list_complete: i (have|'ve) (done|finished|completed) {item:<task>} [check it off]
        list_complete: {item:<task>} is (done|finished|complete) [check it off] [<offlist>]
        list_read: (read|read out|read me|show me|tell me|list|give me|open|check|show) <anylist>
        list_read: what (is|'s) on <anylist>
        list_read: what's on <anylist>
        list_read: what do (i|we) (need|have) [to (buy|get|do)] [on <anylist>]
        list_read: (what do (i|we) (have|need) to (do|buy|get)|what's left to (do|buy))
        list_read: (how many (things|items|tasks) are|how long is|is there anything|do i have anything) on <anylist>
        list_read: (what are|read me|tell me) the (items|things|tasks|entries) on <anylist>
        list_read: (anything|what) (left|else) on <anylist>
        list_read: is {list:<det> <listname> list} empty
        list_read: go through <anylist> [with me]

        @timer timer command 12
        timer_start: (set|start|create|make|begin|run) a <timer> for <dur>
        timer_start: (set|start|create) a {duration:<durationof>} timer
        timer_start: (set|start|create|give me) [a] timer [for] <dur>
        timer_start: (set|start|create) a <timer> for <dur> (called|named|for) <tname>
        timer_start: (set|start|create) a {name:<list:timernames>} timer for <dur>
        timer_start: (set|start) a {duration:<durationof>} {name:<list:timernames>} timer
        timer_start: (set|start) a {duration:<durationof>} timer (called|named|for) <tname>
        timer_start: (give me|count down|countdown|time) <dur> [for <tname>]
        timer_start: (give me|i need) <dur> (for|on) <tname>
        timer_start: (wake me [up]|alert me|ping me|let me know|call me|tell me|ring) in <dur>
        timer_start: (remind me|let me know|tell me|alert me) in <dur> to {name:<list:chores>}
        timer_start: remind me to {name:<list:chores>} in <dur>
        timer_start: (set|start) a <timer> [called|named] <tname> for <dur>
        timer_start: (set|start) a timer (in|on) {place:<my> <theroomname>} for <dur>
        timer_start: (set|start) a <dur> timer in {place:<my> <theroomname>}
        timer_start: (set|start|create) (a|the) (timer|countdown)
        timer_start: (set|start|create) a {name:<list:timernames>} timer
        timer_start: time {name:[the|my] <list:timernames>} for <dur>
        timer_start: (timer|countdown|set timer|start timer) [for] <dur> (called|named|for) <tname>
        timer_start: set (two|a couple of) timers one for <dur> and &timer_start& one for <dur>
        timer_start: set a timer for <dur> and &timer_start& another (one|) for <dur>
        timer_start: (i'm (cooking|making|boiling|baking)|put) {name:<list:timernames>} (set|start) a timer for <dur>
        timer_start: (start|set|begin) (counting|timing) <dur>
        timer_start: the {name:<list:timernames>} (needs|takes|should take) <dur> (set a timer|time it)

        @timer-fragment timer fragment 3
        timer_start: {duration:<durationof>} timer
        timer_start: timer [for] <dur>
        timer_start: {name:<list:timernames>} timer [for] <dur>
        timer_start: <dur> (for|on) <tname>
        timer_start: {duration:<durationof>} {name:<list:timernames>} timer
        timer_start: timer for <dur> called <tname>
        timer_cancel: (cancel|stop) timer
        timer_status: (time left|timer status|how long left|how much longer|how much time)

        @timer-other timer command 9
        timer_cancel: (cancel|stop|delete|kill|clear|remove|end|turn off|abort|get rid of) <timerof>
        timer_cancel: (cancel|stop|clear|delete) {target:(all timers|all the timers|every timer|all my timers|both timers|all
          of my timers)}
          [in {place:<my> <theroomname>}]
        timer_cancel: (cancel|stop) {target:all [the]} {place:<theroomname>} timers
        timer_cancel: (i don't need|forget|never mind) <timerof> [anymore]
        timer_cancel: (silence|shut up|dismiss) <timerof>
        timer_pause: (pause|hold|freeze|halt|suspend) <timerof>
        timer_pause: put <timerof> on (hold|pause)
        timer_resume: (resume|unpause|continue|restart|start|un pause) <timerof> [again]
        timer_resume: let <timerof> (continue|run|go on)
        timer_status: how (much time|long|many minutes) (is|are|do i have) left [on|for|in] <timerof>
        timer_status: how much (time|longer) [is left] (on|for|does) <timerof> [have]
        timer_status: how long (until|till|before) <timerof> (is done|goes off|rings|ends|finishes|is up)
        timer_status: (when|what time) (does|will|is) <timerof> (go off|end|finish|ring|set to go off|going off|done)
        timer_status: (check|what's|what is|tell me|show me) [the (status|state) of] <timerof> [status]
        timer_status: (is|how is|how's) <timerof> (done|still running|running|going|doing|finished) [yet]
        timer_status: (what|which|how many) timers (are|do i have) (running|set|active|going|left|on)
        timer_status: (do i have|are there) any timers (running|set|on)
        timer_status: how (much time|long|much longer) [is] left
        timer_status: how (much time is|long is|many minutes are) left (for|on) {name:[the|my] <list:timernames>}
        timer_add: add {value:<duration>} (to|on) <timerof>
        timer_add: (increase|extend|lengthen|bump|prolong) <timerof> by {value:<duration>}
        timer_add: (give|add|put) <timerof> (another|an extra|an additional) {value:<duration>}
        timer_add: (give|put) (me|it|the {name:<list:timernames>}) {value:<duration>} more
        timer_add: (another|add another|plus|i need) {value:<duration>} (on|for|to) <timerof>
        timer_add: (make|let) <timerof> {value:<duration>} longer
        timer_add: add {value:<duration>} more to <timerof>
        timer_add: {value:<duration>} more (for|on) {name:[the|my] <list:timernames>}
        timer_subtract: (take|remove|subtract|knock|shave|cut|drop) {value:<duration>} (from|off|off of) <timerof>
        timer_subtract: (decrease|reduce|shorten|cut|lower) <timerof> by {value:<duration>}
        timer_subtract: (make|let) <timerof> {value:<duration>} shorter
        timer_subtract: {value:<duration>} less (for|on) <timerof>

        @event event command 8
        event_create: (add|put|create|make|schedule|set up|enter|book) {item:<event>} (to|on|in|onto) <det> <calendar> <when>
        event_create: (add|put|schedule|create|set up|enter) {item:<event>} <when> [(to|on|in) <det> <calendar>]
        event_create: (schedule|plan|set up|arrange|pencil in) {item:<event>} <when>
        event_create: (add|create|make|put) (an event|an appointment|an entry|a reminder) (for|called|named) {item:<event>}
          <when>
        event_create: (new|create|add) [an|a] (event|appointment) {item:<event>} <when>
        event_create: remind (me|us) <when> to {item:<list:chores>}
        event_create: remind (me|us) to {item:<list:chores>} <when>
        event_create: remind (me|us) (about|of) {item:<event>} <when>
        event_create: (set|create|make) a reminder to {item:<list:chores>} <when>
        event_create: (set|create) a reminder (for|about) {item:<event>} <when>
        event_create: i (have|'ve got|got) {item:<event>} <when> (put it|add it|add that|put that) (to|on|in) <det>
          <calendar>
        event_create: {item:wake (me|us)} up (at {time:<clock>}|<when>)
        event_create: {item:wake (me|us) [up]} <when>
        event_create: (set|create|make|put on) [an|my|the] {item:alarm} (for|at) {time:(<clock>|<clock> (tomorrow|every
          day|on <day>|on weekdays))}
        event_create: (set|create) an {item:alarm} <when>
        event_create: {time:<day>} (i have|there's|we have) {item:<event>} put it (on|in) <det> <calendar>
        event_create: {item:alarm} (for|at) {time:<clock>}
        event_create: (set|schedule|create) {item:<event>}
        event_delete: (delete|cancel|remove|drop|clear|scrap|call off) <det> {item:<event>} [<when>]
        event_delete: (delete|cancel|remove) {item:[the|my] (<list:events>|appointment|meeting|event)} (from|on|in) <det>
          <calendar>
        event_delete: (delete|cancel|clear|remove) (everything|all events|all appointments) <when> (from|on|in) <det>
          <calendar>
        event_delete: (cancel|delete|turn off|remove|disable) <det> {item:alarm} [(for|at) {time:<clock>}]
        event_delete: (cancel|delete|turn off|remove) [the|my] {time:<clock>} {item:alarm}

        @event-question event question 5
        event_read: (what is|what's|whats|anything) on <det> <calendar> [<when>]
        event_read: what's (on|happening|going on|planned|up|coming up) [<when>]
        event_read: (what is|what's) (on|happening|planned|scheduled) [for] {time:<day>}
        event_read: what (do i have|have i got|are we doing|am i doing|are my plans) {time:<day>}
        event_read: (do i|do we|have i got|have we got) (have|) anything [on|planned|scheduled] {time:<day>}
        event_read: (am i|are we) (free|busy) [<when>]
        event_read: when is {item:[the|my] <event>}
        event_read: what time is {item:[the|my] <event>} [<when>]
        event_read: (when does|what time does) {item:[the|my] <event>} start
        event_read: (is there|do i have|do we have) {item:[a] <event>} [<when>]
        event_read: (read|show|tell) me <det> (<calendar>|appointments|events|agenda) [for {time:<day>}]
        event_read: (what's|what is) <det> next (appointment|event|meeting)
        event_read: (any|how many) (appointments|events|meetings|plans) [do i have] [<when>]
        event_read: how does my (day|week|calendar|schedule|weekend) look [<when>]
        event_read: what {item:alarms} (do i have|are) [set] [for {time:<day>}]
        event_read: (is|did i set) (my|an|the) {item:alarm} [set] (for {time:<clock>}|<when>)
        """
}
