/// Answers, follow-ups, small talk and what the assistant does not do.
enum TemplatesTalk {
    static let rules = """
        lastly = (now|again|then|)
        which = (one|ones|light|lamp|room|fan|speaker|blind|door|timer|list)
        place2 = (<theroomname>|<theroomname>|<room>)
        no = (no|nope|no no|nah|oh no|oops|wait|hold on|no wait|sorry|not that)
        meant = (i meant|i mean|i said|i was talking about|i wanted|make that|make it|not that one|rather|i asked for|should
          be|do)
        """

    static let text = """
        @again followup answer 7 acted
        again: (and|) {place:<theroom>} (too|as well|also)
        again: (and|) {place:<theroom>} (too|as well|also|please)
        again: and {place:<theroom>}
        again: and [also] [in] {place:<theroom>}
        again: and {target:<det> (<switchable>|<light>|<cover>)} (too|as well|also|)
        again: {target:<det> (<switchable>|<light>|<cover>)} (too|as well|also)
        again: (also|what about|how about) {target:<det> (<switchable>|<light>|<cover>)}
        again: (also|what about|how about) {place:<theroom>}
        again: (also|what about|how about|and) in {place:<theroom>}
        again: (do|and do|now do) {target:<det> (<light>|<switchable>|<cover>)} [too|as well|next]
        again: (do|and do|now do) {place:<theroom>} [too|as well|next]
        again: (the same|same|do the same|same thing|same again|do that|repeat that) (in|for|to|with) {place:<theroom>}
          [too|as well|please]
        again: (the same|same|do the same|same thing|do that|repeat that) (for|to|with) {target:<det>
          (<light>|<switchable>|<cover>)} [too]
        again: (again|do it again|do that again|once more|one more time|same again|repeat that|and again|same thing again)
        again: and {target:(the other one|the others|the rest|the other ones|everything else|the left one|the big one)}
          [too|as well]
        again: {target:(both|all|all of them|every one)} of them (too|as well)
        again: now {place:<theroom>}
        again: now {target:<det> (<light>|<switchable>|<cover>)}
        again: (everywhere|in every room|in the whole house) (else|too|please)
        again: {place:(upstairs|downstairs|everywhere|outside|in here)} (too|as well|also)

        @undo followup answer 5 acted
        undo: undo [that|it|this|the last one|the last thing|the last command]
        undo: (put|change|set|turn|switch) (it|that|them|everything) back [how it was|the way it was|to how it was|to what it
          was|again]
        undo: (no|no no|no wait|wait|oops|sorry|actually|oh) (put|change|turn|set) it back [how it was|the way it was]
        undo: switch back [to (how it was|before|the previous setting|what it was before)]
        undo: go back to (how it was|before|the previous setting|what it was before)
        undo: (revert|reverse|undo|take back) (that|it|this|the last change|what you just did|my last command)
        undo: (that's|that was|that is|this is) (wrong|not what i wanted|not what i meant|not right|a mistake|not it)
        undo: (i didn't mean|i did not mean|i didn't want|i didn't ask for) that
        undo: (no|oops|whoops|wait) (that's wrong|that was wrong|wrong one|not that one|not that|that's the wrong one|undo)
        undo: (restore|bring back) (it|the previous (state|setting|value)|how it was)
        undo: (never mind|forget it|actually no|on second thought) (put it back|undo that|change it back|go back)
        undo: (as|like|how) it was [before]
        undo: (reset|roll back) (that|it)
        undo: not that (one|) &again& {target:<det> (<light>|<switchable>|<cover>)}
        undo: <no> <meant> &again& {target:<det> (<light>|<switchable>|<cover>)}
        undo: <no> <meant> &again& {place:<theroom>}
        undo: (no|no no|nope) not <theroom> &again& [in] {place:<theroom>}
        undo: (no|no no|nope) not [the] <light> &again& {target:[the] <light>}
        undo: (no|nope|no no) &again& (in|) {place:<theroom>} [i said|i meant|not here]

        @follow followup answer 10 acted
        turn_off: (turn|switch|shut) {target:(it|that|them|those|this)} off (again|now|)
        turn_off: (turn|switch) off {target:(that|them|it|those|this one|that one)}
        turn_on: (turn|switch) {target:(it|that|them|those)} (on|back on) (again|)
        turn_on: (turn|switch) on {target:(that|them|it|those|this one|that one)}
        turn_off: (off again|and off|and now off|now off|off)
        turn_on: (on again|back on|and on|and now on|now on|on)
        turn_off: (now|and|okay now) turn {target:(it|them)} off
        turn_off: (and|now|also) {target:<det> (<switchable>|<light>)} off
        turn_on: (and|now|also) {target:<det> (<switchable>|<light>)} on
        adjust: [<bit>|<more>] brighter [than that|still|please] {property=brightness} {direction=up}
        adjust: [<bit>|<more>] (dimmer|darker) [than that|still|please] {property=brightness} {direction=down}
        adjust: [<bit>|<more>] (warmer|hotter) [than that|still|please] {property=temperature} {direction=up}
        adjust: [<bit>|<more>] (cooler|colder) [than that|still|please] {property=temperature} {direction=down}
        adjust: [<bit>|<more>] louder [than that|still|please] {property=volume} {direction=up}
        adjust: [<bit>|<more>] (quieter|softer) [than that|still|please] {property=volume} {direction=down}
        adjust: [<bit>|<more>] faster [than that|still|please] {property=speed} {direction=up}
        adjust: [<bit>|<more>] slower [than that|still|please] {property=speed} {direction=down}
        adjust: [<bit>|<more>] (higher|up|further up|more) [than that|still|please] {direction=up}
        adjust: [<bit>|<more>] (lower|down|further down|less) [than that|still|please] {direction=down}
        adjust: (more|some more|more please|even more|keep going|more than that|a bit more) {direction=up}
        adjust: (less|not so much|not that much|less please|too much|that's too much|a bit less) {direction=down}
        adjust: (that's|it's|still|that is|it is) (too|still too|a bit too|still a bit too) (bright|bright now)
          {property=brightness} {direction=down}
        adjust: (that's|it's|still|that is|it is) (too|still too|a bit too|not) (dark|dim|bright enough)
          {property=brightness} {direction=up}
        adjust: (that's|it's|still) (too|still too|a bit too) loud {property=volume} {direction=down}
        adjust: (that's|it's|still) (too|still too|a bit too) (quiet|soft) {property=volume} {direction=up}
        adjust: (that's|it's|still) (too|still too|a bit too) (warm|hot) {property=temperature} {direction=down}
        adjust: (that's|it's|still) (too|still too|a bit too) (cold|cool) {property=temperature} {direction=up}
        adjust: (that's|it's) (too|a bit too) (low|slow|little) {direction=up}
        adjust: (that's|it's) (too|a bit too) (high|fast|much) {direction=down}
        adjust: (another|by another) {value:(<amount>|<degreesby>)} (up|more|higher) {direction=up}
        adjust: (another|by another) {value:(<amount>|<degreesby>)} (down|less|lower) {direction=down}
        adjust: (turn|bring) {target:(it|that|them)} (up|up [<bit>]|higher) {direction=up}
        adjust: (turn|bring) {target:(it|that|them)} (down|down [<bit>]|lower) {direction=down}
        set: (make|set|put) {target:(it|that|them)} (to|at) {value:(<percent>|<level>)}
        set: (set|change|make|turn) {target:(it|that|them)} [to] {value:<color>} {property=color}
        set: (set|change) {target:(it|that)} to {value:<n:15-28> degrees} {property=temperature}
        set: (and|now) {value:<color>} {property=color}
        set: (and|now|make it|let's say|try|actually) {value:<percent>} [please|instead|now]
        set: (and|now|make it|let's say|try|actually) {value:<n:15-28> degrees} [please|instead] {property=temperature}
        set: (make it|try) {value:<color>} [instead|please] {property=color}
        turn_off: (then|okay|yes|well) (turn|switch) {target:(it|that|them)} off [then|please]
        turn_on: (then|okay|yes|well) (turn|switch) {target:(it|that|them)} on [then|please]
        close: (then|okay|yes|well|please) (close|shut) {target:(it|that|them)} [then|please]
        lock: (then|okay|yes|well|please) lock {target:(it|that|them)} [then|please]
        turn_off: (turn|switch) {target:(them all|all of them|both of them|both|these)} off [please]
        turn_on: (turn|switch) {target:(them all|all of them|both of them|both|these)} on [please]
        pause: (and|also|now) pause {target:the (music|tv|movie|radio)}
        resume: (and|now|okay) (resume|continue|go on|play again)
        close: (and|now) close {target:(it|them|that)} (again|)
        open: (and|now) open {target:(it|them|that)} (again|)
        lock: (and|now) lock {target:(it|them|that)} [up|again]
        timer_add: (and|) {value:<duration>} more
        list_add: (and|also) {item:<good>} (too|as well|)
        list_add: (and|also) add {item:<good>}
        ask: is (it|that) {state:(on|off|open|closed|locked)} (now|) {question=is}
        ask: is {target:(it|that)} {state:(on|off|open|closed|locked|done)} [now] {question=is}
        ask: (did it|did that) (work|do anything) {question=is}

        @select answer answer 8 asked_which
        select: {target:[the] (left|right|first|second|third|last|big|small|other|top|bottom|upper|lower|middle|front|back)
          (one|ones|lamp|light|)}
        select: {target:[the] (left|right|first|second|third|last|big|small|other) one} please
        select: {target:[the|my] <light>}
        select: {target:[the|my] (<switchable>|<cover>|<lock>|<media>)}
        select: {target:[the] (<theroomname>|<room>)}
        select: {target:[the|my] (<room>|<theroomname>)} [one|please|light|lamp]
        select: (the one|that) {target:(in|on|at|by|near) (<my> <room>|the <list:furniture>)}
        select: the one {target:(in|on|at|by|near|next to) (<my> <room>|the <list:furniture>)} [please]
        select: {target:(both|both of them|all|all of them|every one|all three|them all|everything|both please|each of them)}
        select: (i mean|i meant|i want|i'd like|let's take|take|make it|use|try|it's|just|only) {target:[the|my]
          (<switchable>|<light>|<room>|first
          one|second one|left one|right one|last one)}
        select: {target:<list:names>'s [one|lamp|room|light]}
        select: {target:(upstairs|downstairs|outside|here|in here|this one|that one|mine|the <floor>)} [please]
        select: (number|option) {target:<n:1-4>}
        select: {target:[the] (<color>|<list:adjectives>) (one|lamp|light)}
        select: {target:<odd>}
        select: in {target:<theroom>}
        select: (turn on|turn off|switch on|switch off|open|close|do|i want|set|lock) {target:the
          (left|right|first|second|third|big|small|other|last) one}
        select: {target:[the] <light> in <theroom>}
        select: {target:[the] <switchable> (in|on) <theroom>}
        select: (hmm|uh|well|let me think|oh) {target:[the] (<room>|left one|right one|<light>|second one)}
        select: {target:[the] <list:adjectives> one}
        select: not that one {target:the other one}
        select: (not the <theroomname>|no not <theroom>|not <theroom>) {target:<theroom>}
        cancel: (neither|none|none of them|neither of them|never mind|forget it|nothing|no matter|leave it|don't bother)

        @confirm answer answer 7 asked_confirmation
        yes: (yes|yeah|yep|yup|sure|ok|okay|of course|absolutely|certainly|definitely|please do|go ahead|do it|yes
          please|right|correct)
        yes: (yes|yeah|yep|sure|okay|yup) (do it|please|go ahead|please do|that's right|of course|i'm sure|i am sure|do
          that|unlock it|open it)
        yes: (i'm sure|i am sure|that's right|that's correct|that is right|affirmative|confirmed|confirm|go for it|make it
          so|you bet|exactly)
        yes: (oh|uh|um|well) (yes|yeah|sure)
        yes: (yes|yeah|yep|sure|okay) [please] (turn|switch|lock|open|unlock|close|start|do) (it|them|that) (on|off|up|)
        yes: (please|go on|proceed|why not|sounds good|fine|by all means|uh huh|mhm|indeed|totally|for sure|yes yes|yes i am)
        no: (no|nope|nah|no thanks|no thank you|don't|please don't|do not|better not|not now|no way|negative|of course not|no
          no)
        no: (no|nope|nah) (don't|don't do it|leave it|stop|thanks|please don't|not now|i'm not sure|that's wrong|not
          that|wait)
        no: (i'd rather not|i don't think so|don't do that|don't do it|not yet|absolutely not|rather not|i changed my mind|no
          i changed my mind)
        no: (keep it (locked|closed|as it is)|leave it (locked|closed|as it is|alone))
        cancel: (cancel|cancel that|never mind|forget it|forget about it|stop|leave it|abort|don't bother|skip it)

        @value answer answer 7 asked_value
        tell: {value:<duration>} [please]
        tell: {value:(<percent>|<degrees>|<level>|<color>|<whiteness>)} [please]
        tell: (to|at|for|make it|let's say|say|maybe|about|around|i'd say|let's do|set it to|how about)
          {value:(<percent>|<degrees>|<level>|<duration>)}
        tell: (for|make it|let's say|i'd say) {value:<duration>} [please]
        tell: {value:<clock>} [please]
        tell: {value:<day> at <clock>}
        tell: (um|uh|hmm|well|let me see|oh) {value:(<duration>|<percent>|<degrees>|<clock>)}
        tell: {value:(<mode>|<speed>|<source>|<color>)} [please]
        tell: {value:<good>}
        tell: {value:<n:1-100>}
        select: {target:[the|my] <room>}
        select: in {target:<theroom>}
        select: {target:[the|my] (<switchable>|<cover>)}
        tell: {value:[the|my] <listname> list}
        cancel: (never mind|forget it|cancel|nothing|leave it|don't bother|stop|no never mind|i changed my mind)

        @loose-answers answer answer 2
        yes: (yes|yeah|yep|sure|okay yes|yes please|do it|go ahead)
        no: (no|nope|no thanks|nah|no thank you)
        cancel: (never mind|nevermind|cancel|cancel that|forget it|forget about it|stop that|abort|nothing|oh nothing|scratch
          that|leave it)
        cancel: (never mind|forget it|cancel that|oh never mind) (i'll do it myself|it's fine|thanks|then|i changed my
          mind|it's nothing)
        cancel: (don't worry about it|i changed my mind|ignore that|disregard that|that's all|sorry wrong person|i wasn't
          talking to you)

        @greet chat answer 3
        chat: (hello|hi|hey|good morning|good evening|good afternoon|hello there|hi there|hey there|howdy|greetings)
          {kind=greeting}
        chat: (hello|hi|hey) (myna|computer|assistant|house|you|my friend) {kind=greeting}
        chat: (good morning|good evening|hi|hello) (how are you|how's it going|what's up|how are things) {kind=greeting}
        chat: (how are you|how's it going|what's up|how do you do|how are you doing|how have you been|are you okay|how do you
          feel) [today] {kind=feeling}
        chat: (are you (happy|sad|tired|bored|lonely|angry|alive|real|awake)|do you have feelings|are you having a good day)
          {kind=feeling}
        chat: (thanks|thank you|thank you very much|thanks a lot|cheers|much appreciated|thanks a bunch|many thanks|ta|great
          thanks) {kind=thanks}
        chat: (thanks|thank you) (so much|for your help|for that|myna|very much|that's all|that's great|you're the best)
          {kind=thanks}
        chat: (goodbye|bye|bye bye|see you|see you later|good night|goodnight|farewell|talk to you later|catch you later|so
          long) {kind=goodbye}
        chat: (bye|goodbye|good night|see you) (for now|then|tomorrow|myna|everyone|later) {kind=goodbye}
        chat: (tell me|do you know|have you got|give me|say) (a|another|a good|a funny|one more) (joke|riddle|pun) {kind=joke}
        chat: (make me laugh|say something funny|tell me something funny|joke please|crack a joke|i need a laugh|entertain
          me) {kind=joke}
        chat: (tell me a joke|do you know a joke|got any jokes) about
          (<list:objects>|<list:foods>|<list:names>|cats|computers) {kind=joke}
        chat: (what's your name|what is your name|who are you|what are you called|do you have a name|what should i call you)
          {kind=name}
        chat: (are you (a robot|human|a person|a computer|alexa|siri|a real person|an ai|a machine)|what are you) {kind=name}
        chat: (who made you|who built you|who created you|where do you come from|who programmed you|who is your maker|who
          designed you) {kind=maker}
        chat: (who do you work for|what company made you|who owns you|where were you made|how old are you|when were you born)
          {kind=maker}
        chat: (what can you do|what can i ask you|what can i say|help|help me|how do you work|what do you do|what are you
          able to do) {kind=capability}
        chat: (what (commands|things) can (i|you) (say|do|ask|use)|what are your (skills|features|functions)|how can you help
          me) {kind=capability}
        chat: (where does my data go|do you (store|keep|share|sell) (my data|what i say|my voice)|is this private|who hears
          this) {kind=privacy}
        chat: (do you send (my voice|this|anything) (anywhere|to the cloud)|is my data safe|are you connected to the
          internet|forget what i said) {kind=privacy}
        chat: (are you (always listening|listening|recording|recording me|spying on me|there|awake)|can you hear me|do you
          hear me) {kind=listening}
        chat: (are you listening to (me|us|everything)|hello are you there|are you still there|do you record
          (me|us|everything)) {kind=listening}
        chat: (good job|well done|nice|great|perfect|awesome|excellent|brilliant|you're (great|amazing|the best|so
          smart|awesome)) {kind=praise}
        chat: (i love you|i like you|that's (great|perfect|lovely|wonderful|nice|awesome)|good (girl|boy|bot|work)|nice
          work|you rock) {kind=praise}
        chat: (you're (stupid|useless|dumb|an idiot|annoying|terrible|slow)|i hate you|shut up|you suck|bad (bot|robot)|that
          was stupid) {kind=insult}
        chat: (you (never|don't) (understand|listen|get it right)|you are (so|really) (bad|stupid|dumb|slow)|stupid
          (machine|thing|computer)) {kind=insult}
        chat: (sing me a song|do you like (music|me|cats|pizza|humans)|what's your favorite (color|food|movie|song|animal))
          {kind=other}
        chat: (i'm (bored|happy|sad|tired|hungry|sick|home|stressed|lonely)|i had a (bad|good|long|rough) day|what do you
          think) {kind=other}
        chat: (what is the meaning of life|do you dream|will you marry me|do you believe in god|are you single|tell me a
          story) {kind=other}
        chat: (flip a coin|roll (a|the) (dice|die)|pick a number|heads or tails|say hello to <list:names>|repeat after me)
          {kind=other}

        @about-home chat answer 2
        chat: (how do i|how can i|how do you|how would i) (turn on|turn off|use|set up|reset|connect|install) (the|my|a)
          <switchable> {kind=capability}
        chat: (can you|are you able to|do you know how to) (control|see|use|switch) (the|my)
          (lights|tv|heating|<list:appliances>|blinds) {kind=capability}
        chat: (i like|i love|i just bought|look at|do you like) (the|my) new <switchable> {kind=other}
        chat: i (turned|switched) (on|off) the <switchable> (already|myself|earlier|yesterday) {kind=other}
        chat: (<list:names>|she|he|dad|mom) (broke|likes|fixed|moved|wants|sold|painted) the <switchable> {kind=other}
        chat: the <switchable> (is (new|nice|ugly|broken|expensive)|looks (nice|great|odd)|was a present) {kind=other}

        @nothing noise answer 3
        none: (hey|okay|so|um|uh|well|hello|the|and|but|or|if|it|to|a|oh|hm|hmm|ah|mm|er|like|you know|and then|so um)
        none: <attention> (um|uh|so|well|could you|can you|please|i)
        none: (could you|can you|would you|please|i want|i want to|i need to|let's|will you|would you please|i'd like|can you
          please)
        none: (turn|switch|set|put|make|change|turn the|set the|put the|switch the|get the|change the|make the|give me|is
          the|are the)
        none: <invented> <invented> [<invented>] [<invented>]
        none: <invented> (the|of|and) <invented> (to|is|was) <invented>
        none: (he|she|they|we|you) (said|told me|thought|knew|asked) (that|if|how) (it|he|she|they) (was|were|would|could)
          (<list:adjectives>|there)
        none: (and|but|so|because) (he|she|they|we) (went|came|drove|walked) to <list:cities> (with|for|and) <list:names>
          [last week|yesterday]
        none: (of|in|at|with|from) (the|a|my) <list:objects> [and|or|of] [the|a]

        @know knowledge question 3
        knowledge: (who|when|where|what) (is|was|were) the (first|last|best|tallest|oldest|biggest)
          (<list:objects>|president|king|mountain|man on
          the moon|city in the world|river|planet|movie) [of|in] [<list:cities>]
        knowledge: (how (far|big|old|tall|deep|heavy) is (<list:cities>|the moon|the sun|mount everest|an <list:objects>|the
          ocean))
        knowledge: (what is|what's|what are) (the capital of|the population of|the currency of|the language of) <list:cities>
        knowledge: (what is|what's) <n:2-99> (plus|minus|times|divided by) <n:2-99>
        knowledge: (how do (you|i) (cook|make|bake|prepare|boil) <list:foods>|what can i cook with <list:foods>|is
          <list:foods> healthy)
        knowledge: (what does <invented> mean|how do you spell <list:adjectives>|define <list:adjectives>|what's the opposite
          of <list:adjectives>)
        knowledge: (how many (calories|grams|legs|people|bones|planets|countries) (are|are there|does) in (<list:foods>|the
          world|a <list:objects>))
        knowledge: (who (wrote|sang|painted|directed|invented|discovered|composed) (<list:music>|the
          <list:objects>|hamlet|the mona lisa))
        knowledge: (why is (the sky blue|grass green|the sea salty)|how does a <list:appliances> work|what's a
          <list:objects>|tell me about <list:cities>)
        knowledge: (translate <list:foods> (to|into) (french|german|spanish)|how do you say <list:foods> in
          (french|german|italian))
        knowledge: (how many (ounces|cups|grams|feet|miles|meters) (are in|in|make) (a|one|<n:2-20>)
          (pound|liter|kilo|mile|gallon|meter|yard))
        knowledge: (tell me|give me) (a|some) (fun fact|facts|random fact|recipe) [about <list:objects>|for <list:foods>]

        @outside unsupported command 3
        unsupported: (book|find|get|reserve) (me|us|) [a|some] (flight|flights|train ticket|hotel|hotel
          room|table|taxi|cab|rental car) [to|in|for]
          [<list:cities>] [<when>]
        unsupported: (call|phone|ring|text|message|email|dial|facetime) (<list:names>|<list:relations>|the
          (doctor|school|police|office|plumber))
        unsupported: (send|write) (a|an) (text|message|email|letter|whatsapp) to (<list:names>|<list:relations>) [saying i'm
          late|about dinner]
        unsupported: (pay|settle|check) (my|the) (<list:adjectives>|gas|water|electricity|credit card|phone) bill [from my
          bank account|please]
        unsupported: (order|buy) (me|us|) [a|some] (pizza|<list:foods>|<list:goods>|sushi|takeaway|flowers) (online|from the
          store|from <invented>|)
        unsupported: (transfer|send|move) <n:5-500> (dollars|euros|pounds) to (<list:names>|<list:relations>|my savings
          account)
        unsupported: (what's|what is|check) (my|the) (bank balance|account balance|stock price of <list:brands>|credit
          score|exchange rate)
        unsupported: (post|tweet|share) (this|that|i'm happy|a picture|<list:music>) (on|to) (facebook|twitter|instagram)
        unsupported: (navigate|give me directions|drive|take me) to (<list:cities>|work|the airport|the nearest
          <list:objects> store)
        unsupported: (how's|how is|what's) the traffic [to (work|<list:cities>)|right now]
        unsupported: (read|check|open) (my|the) (emails|email|messages|mail|texts|voicemail|facebook)
        unsupported: (call|get|order) (me|us|) (an uber|a taxi|a cab|a lyft) [to (the airport|work|<list:cities>)]
        unsupported: (download|install|update|open) (the|an|my) (<invented>|game|banking|<list:brands>) app
        unsupported: (play a game|let's play (chess|trivia|hangman)|take a (picture|photo|selfie)|unlock my phone|print my
          document)
        unsupported: (do my homework|write (a poem|an essay|my homework)|walk the dog for me|cook dinner for me|make my
          bed|hack <list:names>'s phone)
        unsupported: (reserve|book) (a|the) (table|room|court) (for <n:2-8>|at <invented>) <when>
        unsupported: (find|recommend|suggest) (a|me a|some) (restaurant|good restaurant|hotel|movie|bar|pharmacy|doctor)
          (near me|nearby|in <list:cities>)
        unsupported: (file|do) my taxes|apply for a (loan|job|visa)|renew my (passport|insurance|license)
        unsupported: (translate this|record (a|this) (video|meeting)|sign me up for <invented>|sell my <list:objects>)
        """
}
