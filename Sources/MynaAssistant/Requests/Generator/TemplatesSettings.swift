/// Requests that set or change a brightness, a colour, a temperature and the like.
enum TemplatesSettings {
    static let rules = """
        M = {target:<det> <media>}
        F = {target:<det> <fan>}
        H = {target:<det> <climate>}
        B = {target:<det> <cover>}
        O = {target:<det> <odd>}
        P = {*place:<my> <room>}
        set = (set|put|change|make|turn|adjust|move|get|bring)
        tosome = (to|at)
        bright = {property=brightness}
        warm = {property=temperature}
        loud = {property=volume}
        fast = {property=speed}
        pos = {property=position}
        up = {direction=up}
        down = {direction=down}
        by = (by|by|) {value:<amount>}
        itself = {target:(it|that|them|this one|that one|those)}
        """

    static let text = """
        @brightness home command 13
        set: (set|put|change|adjust|bring|turn) <Lw> <tosome> {value:<brightness>} <bright>
        set: dim <Lw> (to|down to) {value:<brightness>} <bright>
        set: (brighten|bring) <Lw> [up] to {value:<brightness>} <bright>
        set: (turn|bring) (up|down) <Lw> to {value:<brightness>} <bright>
        set: (turn|bring|take) <L> (up|down) to {value:<brightness>} <bright>
        set: (set|change|adjust|put) [the] brightness (of|for|on) <Lw> to {value:<brightness>} <bright>
        set: (set|change|adjust|make) {target:<det> <light>} brightness [to] {value:<brightness>} <bright>
        set: (set|change|adjust) [the] brightness (in|of) <P> to {value:<brightness>} <bright>
        set: (set|change) {place:<det> <room>} brightness to {value:<brightness>} <bright>
        set: (set|change|adjust) [the] brightness [level] to {value:<brightness>} [<where>] <bright>
        set: make <L> {value:<percent>} bright <bright>
        set: (set|make|turn) <L> {value:(brightest|dimmest|full|half)} [brightness] <bright>
        set: (set|turn|put) <Lw> to {value:<percent>} brightness <bright>
        set: (set|put|turn) {place:<det> <room>} to {value:<percent>} brightness <bright>
        set: (set|put|turn) {target:<all> <groups>} [<where>] to {value:<brightness>} <bright>
        set: dim {target:(<all> <groups>|[the] <groups>)} [<where>] to {value:<brightness>} <bright>
        set: dim {target:(everything|it)} to {value:<brightness>} <bright>
        set: (lower|raise|reduce|increase|drop|decrease) <Lw> to {value:<brightness>} <bright>
        set: (lower|raise|reduce|increase|drop) [the] brightness [of <L>|<where>] to {value:<brightness>} <bright>
        turn_on: (turn|switch|put) on <Lw> (at|to|with) {value:<brightness>} <bright>
        turn_on: (turn|switch|put) <L> on (at|to) {value:<brightness>} [<where>] <bright>
        set: <where> (set|dim) {target:[the] <groups>} to {value:<brightness>} <bright>
        set: dim {place:<theroom>} to {value:<percent>} <bright>
        set: (i want|i need|we want|we'd like|could i have|can we have|let's have|can i get) <L> (at|on|to|set to|down to) {value:<percent>} <bright>
        set: <L> (should|must|has to|ought to|needs to|can) (be|be at|go to|be set to|go down to) {value:<percent>} <bright>
        set: (get|have|leave|keep|run) <L> (at|on) {value:<percent>} <bright>
        adjust: dim <Lw> <bright> <down>
        adjust: dim {target:(<all> <groups>|[the] <groups>)} [<where>] <bright> <down>
        adjust: (dim|lower) <L> [<bit>] <bright> <down>
        adjust: (turn|bring|tone) down <Lw> <bright> <down>
        adjust: (turn|bring|take) <L> down [<bit>|a notch] <bright> <down>
        adjust: brighten [up] <Lw> <bright> <up>
        adjust: brighten {place:<theroom>} <bright> <up>
        adjust: (turn|bring) up <Lw> <bright> <up>
        adjust: (turn|bring) <L> up [<bit>] <bright> <up>
        adjust: make <L> [<bit>|even] brighter <bright> <up>
        adjust: make <L> [<bit>|even] (dimmer|darker|less bright|softer) <bright> <down>
        adjust: make it [<bit>] brighter [<where>] <bright> <up>
        adjust: make it [<bit>] (dimmer|darker|less bright) [<where>] <bright> <down>
        adjust: make {place:<theroom>} [<bit>] brighter <bright> <up>
        adjust: make {place:<theroom>} [<bit>] (dimmer|darker) <bright> <down>
        adjust: (increase|raise|boost) [the] brightness [of <L>|<where>] <bright> <up>
        adjust: (decrease|lower|reduce) [the] brightness [of <L>|<where>] <bright> <down>
        adjust: (increase|raise) [the] brightness [of <L>|<where>] <by> <bright> <up>
        adjust: (decrease|lower|reduce|drop) [the] brightness [of <L>|<where>] <by> <bright> <down>
        adjust: (brighten|turn up) <L> <by> <bright> <up>
        adjust: (dim|turn down|lower) <L> <by> <bright> <down>
        adjust: make <L> {value:<amount>} brighter <bright> <up>
        adjust: make <L> {value:<amount>} (dimmer|darker) <bright> <down>
        adjust: (give me|i want|i need) [<bit>] more light [<where>] <bright> <up>
        adjust: (give me|i want|i need) [<bit>] less light [<where>] <bright> <down>

        @brightness-fragment home fragment 4
        set: <L> (at|to|) {value:<percent>} <bright>
        set: <L> {value:<percent>} brightness <bright>
        set: {target:[<room>] (lights|light|lamp)} {value:(half|max|fifty percent|full|minimum|<percent>)} [<where>] <bright>
        set: brightness {value:<brightness>} [<where>] <bright>
        set: <P> brightness {value:<brightness>} <bright>
        adjust: [<bit>] brighter [<where>] <bright> <up>
        adjust: [<bit>] (dimmer|darker|less bright) [<where>] <bright> <down>
        adjust: <L> [<bit>] brighter <bright> <up>
        adjust: <L> [<bit>] (dimmer|darker) <bright> <down>
        adjust: brightness up [<where>|on <L>] <bright> <up>
        adjust: brightness down [<where>|on <L>] <bright> <down>
        adjust: (more|less dark|more bright) light [<where>] <bright> <up>

        @color home command 6
        set: (set|change|turn|make|switch|put) <Lw> [to] {value:<color>} {property=color}
        set: (make|turn|paint) <L> {value:<color>} [<where>] {property=color}
        set: (set|change|turn) [the] (color|colour) of <Lw> to {value:<color>} {property=color}
        set: (set|change|turn) [the] (color|colour) of {place:<theroom>} to {value:<color>} {property=color}
        set: (set|change|make|turn) {place:<det> <room>} (color|colour) [to] {value:<color>} {property=color}
        set: (set|change|) <L> (color|colour) {value:<color>} {property=color}
        set: (set|change) <L> (color|colour) to {value:<color>} {property=color}
        set: (set|change|turn|make) {target:(<all> <groups>|[the] <groups>)} [<where>] [to] {value:<color>} {property=color}
        set: (set|change|turn|make) {place:<theroom>} [to] {value:<color>} {property=color}
        set: make it {value:<color>} [<where>] {property=color}
        set: <wish> <L> {value:<color>} {property=color}
        set: (i want|give me) {value:<color>} {target:(light|lights)} [<where>] {property=color}
        set: change [the] (color|colour) to {value:<color>} [<where>] {property=color}
        set: (set|change) [the] (color|colour) [<where>] to {value:<color>} {property=color}
        turn_on: (turn|switch) on <Lw> in {value:<color>} {property=color}
        turn_on: (turn|switch) <L> on in {value:<color>} {property=color}
        set: (set|change|turn|make) <Lw> [to] {value:<whiteness>} {property=color_temperature}
        set: (set|change|adjust) [the] color temperature [of <L>|<where>] to {value:<whiteness>} {property=color_temperature}
        set: (set|change) <L> color temperature to {value:<whiteness>} {property=color_temperature}
        set: (set|change|turn) {target:[the] <groups>} <where> to {value:<whiteness>} {property=color_temperature}

        @color-fragment home fragment 1.5
        set: <L> {value:<color>} {property=color}
        set: <L> to {value:<color>} {property=color}
        set: {value:<color>} {target:(light|lights)} [<where>] {property=color}
        set: <L> [to] {value:(warm white|cool white|daylight|candle light|soft white)} {property=color_temperature}

        @temperature home command 12
        set: (set|put|turn|change|adjust) <H> [<where>] to {value:<degrees>} <warm>
        set: (set|put|turn|bring|crank) <H> (up|down) to {value:<degrees>} <warm>
        set: turn (up|down) <H> to {value:<degrees>} <warm>
        set: (set|change|adjust|get|bring|raise|lower) [the] (temperature|temp) to {value:<degrees>} [<where>] <warm>
        set: (set|change|adjust|raise|lower) [the] (temperature|temp) (in|of|for) <P> to {value:<degrees>} <warm>
        set: (set|change|adjust) {place:<det> <room>} (temperature|temp) to {value:<degrees>} <warm>
        set: (set|change) [the] temperature (of|on|for) <H> to {value:<degrees>} <warm>
        set: (set|change|adjust) {target:<climate>} temperature to {value:<degrees>} <warm>
        set: (make|set|get|keep|heat|warm|cool) {place:<theroom>} [up to|down to|to|at] {value:<n:14-27> degrees} <warm>
        set: (heat|warm|cool) {place:<theroom>} (to|up to|down to) {value:<degrees>} <warm>
        set: (make|keep) it {value:<n:15-28> degrees} [<where>] <warm>
        set: (i want|i'd like) it {value:<n:15-28> degrees} [<where>] <warm>
        set: (i want|let's have) {value:<n:15-28> degrees} [<where>] <warm>
        set: (i want|i need|we want|we'd like|let's have|could i have|can we have|give me|give us) {value:<degrees>} (on|from|for|at)
          <H> <warm>
        set: {value:<degrees>} (on|for|from|at) <H> [please] <warm>
        set: (i want|i need|we want|we'd like|could i have|can we have) <H> (at|on|set to|to be) {value:<degrees>} <warm>
        set: <H> (should|must|has to|ought to|needs to|can) (go to|be|be set to|show|run at) {value:<degrees>} <warm>
        set: (set|put|turn) {place:<det> (upstairs|downstairs|<floor>|<room>)} to {value:<n:15-28> degrees} <warm>
        set: (increase|decrease|raise|lower|drop|bump) <H> to {value:<degrees>} <warm>
        set: (heat|warm) (up|) {place:(the house|upstairs|downstairs|the whole house)} to {value:<degrees>} <warm>
        turn_on: (turn|switch|put) on <H> (at|to) {value:<degrees>} <warm>
        turn_on: (turn|put) <H> on (at|to) {value:<degrees>} <warm>
        set: set <H> for {value:<degrees>} <warm>
        set: (set|preheat|heat|turn) {target:[the] (oven|<plug>|grill|air fryer|kiln)} to {value:<n:90-450/5> degrees} <warm>
        set: (set|heat|turn) {target:[the] (water heater|hot tub|pool|boiler|sauna|fridge|freezer|<plug>)} to {value:<n:2-95>
          degrees} <warm>
        adjust: (turn|crank|put|bump) up <H> [<where>] <warm> <up>
        adjust: (turn|crank|put|bump) <H> up [<bit>] <warm> <up>
        adjust: (turn|bring|put|knock) down <H> [<where>] <warm> <down>
        adjust: (turn|bring|put|knock) <H> down [<bit>] <warm> <down>
        adjust: make it [<bit>] (warmer|hotter|less cold|more warm) [<where>] <warm> <up>
        adjust: make it [<bit>] (cooler|colder|less hot|chillier) [<where>] <warm> <down>
        adjust: make {place:<theroom>} [<bit>] (warmer|hotter|toastier) <warm> <up>
        adjust: make {place:<theroom>} [<bit>] (cooler|colder) <warm> <down>
        adjust: (warm|heat) up {place:<theroom>} [<bit>] <warm> <up>
        adjust: (warm|heat) {place:<theroom>} up [<bit>] <warm> <up>
        adjust: (warm|heat) {place:<theroom>} <warm> <up>
        adjust: cool (down|) {place:<theroom>} <warm> <down>
        adjust: cool {place:<theroom>} down [<bit>] <warm> <down>
        adjust: (warm|heat) it up [<where>] <warm> <up>
        adjust: cool it down [<where>] <warm> <down>
        adjust: (raise|increase|up) [the] (temperature|temp|heat) [<where>] <warm> <up>
        adjust: (lower|decrease|reduce|drop) [the] (temperature|temp|heat) [<where>] <warm> <down>
        adjust: (raise|increase|up|bump up) [the] (temperature|temp|heat) [<where>] by {value:<degreesby>} <warm> <up>
        adjust: (lower|decrease|reduce|drop) [the] (temperature|temp|heat) [<where>] by {value:<degreesby>} <warm> <down>
        adjust: (turn|put) <H> up [by] {value:<degreesby>} <warm> <up>
        adjust: (turn|put) <H> down [by] {value:<degreesby>} <warm> <down>
        adjust: (turn|bring) (up|) <H> (up|) {value:<n:2-6> degrees} (higher|warmer) <warm> <up>
        adjust: make it {value:<degreesby>} (warmer|hotter) [<where>] <warm> <up>
        adjust: make it {value:<degreesby>} (cooler|colder) [<where>] <warm> <down>
        set: (set|switch|change|put|turn) <H> [<where>] (to|into|in|on) {value:<mode>} [mode] {property=mode}
        set: (set|change|switch) [the] mode (of|on|for) <H> to {value:<mode>} {property=mode}
        set: (set|change|switch) {target:<climate>} mode to {value:<mode>} {property=mode}
        set: (set|switch|put) <H> to {value:(eco|away|sleep|comfort|boost|home)} preset {property=preset}
        set: (set|change|switch) [the] preset (of|on) <H> to {value:(eco|away|sleep|comfort|boost|home)} {property=preset}
        set: (set|turn|change) [the] humidity [<where>] to {value:<humidity>} {property=humidity}
        set: (set|turn|adjust) {target:[the] [<room>] (humidifier|dehumidifier)} [<where>] to {value:<humidity>}
          {property=humidity}
        set: (set|switch|put) {target:[the] (humidifier|dehumidifier|air purifier|<plug>)} (to|on|in) {value:<mode>} mode
          {property=mode}

        @temperature-fragment home fragment 4
        set: <H> [to|at] {value:<degrees>} <warm>
        set: {value:<n:15-28> degrees} [<where>] <warm>
        set: {place:<room>} {value:<n:15-28> degrees} <warm>
        set: (temperature|temp) [to] {value:<degrees>} [<where>] <warm>
        set: {place:<room>} temperature {value:<degrees>} <warm>
        adjust: [<bit>] (warmer|hotter) [<where>] <warm> <up>
        adjust: [<bit>] (cooler|colder) [<where>] <warm> <down>
        adjust: <H> up [<bit>] <warm> <up>
        adjust: <H> down [<bit>] <warm> <down>
        set: <H> to {value:<mode>} mode {property=mode}
        adjust: {value:<degreesby>} (warmer|hotter) [<where>] <warm> <up>
        adjust: {value:<degreesby>} (cooler|colder) [<where>] <warm> <down>

        @complaint home statement 5
        adjust: (it's|it is|it feels) [<bit>|too|so|very|really|getting|pretty] (cold|chilly|freezing|cool|frosty) [<where>]
          <warm> <up>
        adjust: (it's|it is|it feels) [<bit>|too|so|very|really|getting|pretty] (hot|warm|stuffy|boiling|sweltering)
          [<where>] <warm> <down>
        adjust: (i'm|i am|we're|we are) [<bit>|so|really|too] (cold|freezing|chilly|shivering) [<where>] <warm> <up>
        adjust: (i'm|i am|we're|we are) [<bit>|so|really|too] (hot|warm|boiling|sweating|roasting) [<where>] <warm> <down>
        adjust: (it's|it is) [<bit>|too|so|very|really|getting|pretty|awfully] dark [<where>] <bright> <up>
        adjust: (it's|it is) [<bit>|too|so|very|really|way] bright [<where>] <bright> <down>
        adjust: i (can't|can hardly|can barely) see [anything|a thing] [<where>] <bright> <up>
        adjust: (it's|it is|that's) [<bit>|too|so|very|really|way] loud [<where>] <loud> <down>
        adjust: (it's|it is|that's) [<bit>|too|so|very|really|way] quiet [<where>] <loud> <up>
        adjust: i (can't|can hardly|can barely) hear (it|anything|<M>) [<where>] <loud> <up>
        adjust: <L> (is|are) [<bit>|too|so|way] bright <bright> <down>
        adjust: <L> (is|are) [<bit>|too|so|way] (dark|dim) <bright> <up>
        adjust: <M> (is|are) [<bit>|too|so|way] (loud|noisy) <loud> <down>
        adjust: <M> (is|are) [<bit>|too|so|way] quiet <loud> <up>
        adjust: {place:<theroom>} (is|feels) [<bit>|too|so] (cold|chilly|freezing) <warm> <up>
        adjust: {place:<theroom>} (is|feels) [<bit>|too|so] (hot|warm|stuffy|boiling) <warm> <down>
        adjust: {place:<theroom>} is [<bit>|too|so] dark <bright> <up>
        adjust: {place:<theroom>} is [<bit>|too|so] bright <bright> <down>

        @position home command 6
        set: (set|put|move|bring|adjust|change) <B> [<where>] (to|at) {value:<position>} <pos>
        set: (open|close|raise|lower|shut|lift) <B> [<where>] to {value:<position>} <pos>
        set: (open|close|raise|lower) <B> {value:(half way|halfway|half|a third|a quarter|three quarters)} [<where>] <pos>
        set: (open|close) <B> (up|down|) {value:<percent>} <pos>
        set: (set|change|adjust) [the] position of <B> to {value:<position>} <pos>
        set: (set|change) <B> position to {value:<position>} <pos>
        set: {value:(half|halfway|partially)} (open|close) <B> [<where>] <pos>
        set: (open|set|put) {target:<det> (valve|window|skylight|garage door|awning|vent|damper)} [<where>] to
          {value:<position>} <pos>
        set: leave <B> {value:<position>} open <pos>
        adjust: (open|raise|lift) <B> [<where>] (a bit|a little|slightly|a bit more|more|a little more|a touch|further) <pos>
          <up>
        adjust: (close|lower|shut) <B> [<where>] (a bit|a little|slightly|a bit more|more|a little more|a touch|further)
          <pos> <down>
        adjust: (raise|lift|open) <B> by {value:<amount>} <pos> <up>
        adjust: (lower|close) <B> by {value:<amount>} <pos> <down>
        adjust: (bring|move|let) <B> (up|higher) [<bit>] a (bit|little) <pos> <up>
        adjust: (bring|move|let) <B> (lower|down) a (bit|little|notch) <pos> <down>

        @position-fragment home fragment 1
        set: <B> [to|at] {value:<percent>} <pos>
        set: <B> {value:(half|halfway)} (open|up|down|closed|) <pos>
        adjust: <B> [<bit>] (higher|further up|more open) <pos> <up>
        adjust: <B> [<bit>] (lower|further down) <pos> <down>

        @speed home command 4
        set: (set|turn|put|change|switch) <F> [<where>] (to|on) {value:<speed>} <fast>
        set: (set|change|adjust) [the] speed (of|on|for) <F> [<where>] to {value:<speed>} <fast>
        set: (set|change) {target:<fan>} speed to {value:<speed>} <fast>
        set: (turn|bring|crank) <F> (up|down) to {value:<speed>} <fast>
        set: (run|spin) <F> (at|on) {value:<speed>} <fast>
        turn_on: (turn|switch|put) on <F> (at|on) {value:<speed>} <fast>
        set: (set|put) <F> (to|on|into) {value:(breeze|sleep|eco|auto|turbo|natural)} (mode|preset) {property=mode}
        adjust: (turn|speed|crank|ramp) up <F> [<where>] <fast> <up>
        adjust: (turn|crank) <F> up [<bit>] <fast> <up>
        adjust: (speed|ramp) <F> up [<bit>] <fast> <up>
        adjust: (slow|turn) down <F> [<where>] <fast> <down>
        adjust: (slow|turn) <F> down [<bit>] <fast> <down>
        adjust: (increase|raise|step up|up) [the] speed of <F> <fast> <up>
        adjust: (decrease|lower|reduce) [the] speed of <F> <fast> <down>
        adjust: (increase|raise) {target:[the] <fan>} speed [<by>] <fast> <up>
        adjust: (decrease|lower|reduce) {target:[the] <fan>} speed [<by>] <fast> <down>
        adjust: make <F> [go] [<bit>] faster <fast> <up>
        adjust: make <F> [go] [<bit>] slower <fast> <down>

        @speed-fragment home fragment 1
        set: <F> [to|on|at] {value:<speed>} <fast>
        adjust: <F> [<bit>] (faster|up) <fast> <up>
        adjust: <F> [<bit>] (slower|down) <fast> <down>
        set: [fan] speed {value:<speed>} <fast>
        set: {place:<room>} fan {value:<percent>} <fast>

        @volume home command 9
        set: (set|turn|change|put|adjust|make) [the] volume [<where>] (to|at) {value:<volume>} <loud>
        set: (turn|bring|crank) [the] volume (up|down) to {value:<volume>} [<where>] <loud>
        set: (turn|bring) (up|down) [the] volume to {value:<volume>} <loud>
        set: (set|turn|change|put) [the] volume (of|on|for) <M> [<where>] (to|at) {value:<volume>} <loud>
        set: (set|turn|change|put) <M> volume (to|at) {value:<volume>} <loud>
        set: (set|turn|put) <M> (to|at) {value:<volume>} volume <loud>
        set: (turn|bring) <M> (up|down) to {value:<volume>} <loud>
        set: (set|put|turn) <M> [<where>] to {value:<percent>} <loud>
        set: (set|change) {place:<theroom>} volume to {value:<volume>} <loud>
        set: (increase|decrease|raise|lower|reduce) [the] volume [on <M>|<where>] to {value:<volume>} <loud>
        set: play it at {value:(full|half|maximum|<percent>)} volume <loud>
        adjust: (turn|crank|bring) [the] volume up [<bit>] [<where>] <loud> <up>
        adjust: (turn|crank|bring) up [the] (volume|sound) [on <M>|<where>] <loud> <up>
        adjust: (turn|bring) [the] volume down [<bit>] [<where>] <loud> <down>
        adjust: (turn|bring) down [the] (volume|sound) [on <M>|<where>] <loud> <down>
        adjust: (increase|raise|up|boost) [the] volume [on <M>|of <M>|<where>] <loud> <up>
        adjust: (decrease|lower|reduce|drop) [the] volume [on <M>|of <M>|<where>] <loud> <down>
        adjust: (increase|raise) [the] volume [on <M>|<where>] <by> <loud> <up>
        adjust: (decrease|lower|reduce) [the] volume [on <M>|<where>] <by> <loud> <down>
        adjust: (increase|raise) {target:[the] <media>} volume [<by>] <loud> <up>
        adjust: (decrease|lower|reduce) {target:[the] <media>} volume [<by>] <loud> <down>
        adjust: (turn|crank|pump) up {target:<det> (<media>|music|sound|song)} [<where>] <loud> <up>
        adjust: (turn|crank|pump) {target:<det> (<media>|music|sound|it)} up [<bit>] [<where>] <loud> <up>
        adjust: turn down {target:<det> (<media>|music|sound|song)} [<where>] <loud> <down>
        adjust: turn {target:<det> (<media>|music|sound)} down [<bit>] [<where>] <loud> <down>
        adjust: (turn|volume) [the] volume up [by] {value:<amount>} [<where>] <loud> <up>
        adjust: (turn|) [the] volume down [by] {value:<amount>} [<where>] <loud> <down>
        adjust: make (it|{target:<det> (<media>|music)}) [<bit>] louder [<where>] <loud> <up>
        adjust: make (it|{target:<det> (<media>|music)}) [<bit>] (quieter|softer|less loud) [<where>] <loud> <down>
        mute: (mute|silence|shut up|hush) {target:<det> (<media>|<media>|music|sound|tv)} [<where>]
        mute: mute [<where>]
        mute: mute {place:<theroom>}
        unmute: unmute {place:<theroom>}
        mute: mute [the] (volume|sound|audio) [on {target:<det> <media>}|<where>]
        mute: (turn|switch) off [the] (sound|volume|audio) [on {target:<det> <media>}|<where>]
        mute: put {target:<det> <media>} on mute
        unmute: unmute {target:<det> (<media>|<media>|music|sound|tv)} [<where>]
        unmute: unmute [<where>]
        unmute: (turn|switch|bring) [the] (sound|volume|audio) back on [on {target:<det> <media>}|<where>]
        unmute: take {target:<det> <media>} off mute

        @volume-fragment home fragment 4
        adjust: [<bit>] louder [<where>] <loud> <up>
        adjust: [<bit>] (quieter|softer) [<where>] <loud> <down>
        adjust: volume up [<where>] <loud> <up>
        adjust: volume down [<where>] <loud> <down>
        adjust: <M> volume up <loud> <up>
        adjust: volume up (on|for) <M> <loud> <up>
        adjust: volume down (on|for) <M> <loud> <down>
        adjust: {place:<room>} volume (up <up>|down <down>) <loud>
        adjust: <M> volume down <loud> <down>
        adjust: volume up [by] {value:<amount>} [<where>] <loud> <up>
        adjust: volume down [by] {value:<amount>} [<where>] <loud> <down>
        set: volume [to|at] {value:<volume>} [<where>] <loud>
        set: <M> volume [to] {value:<volume>} <loud>
        adjust: {target:(music|tv|radio|sound)} (louder|up) <loud> <up>
        adjust: {target:(music|tv|radio|sound)} (quieter|down) <loud> <down>
        mute: mute

        @source home command 2
        set: (set|switch|change|turn|put) <M> [<where>] (to|over to) {value:<source>} {property=source}
        set: (set|switch|change) [the] (source|input) (of|on|for) <M> to {value:<source>} {property=source}
        set: (set|switch|change) [the] (source|input|channel) to {value:<source>} [<where>] {property=source}
        set: put {value:<source>} on (on|) <M> {property=source}
        set: change <M> (input|source) to {value:<source>} {property=source}

        @opaque home command 4
        set: (set|put|turn|change) <O> [<where>] (to|at) {value:(<percent>|<percent>|<level>|<n:1-100>)}
        set: (set|put|switch|change) <O> [<where>] to {value:(<mode>|<list:adjectives>|<invented>)}
        set: (set|put|turn) {place:<det> <theroomname>} to {value:<percent>}
        set: (set|put|turn) {target:<det> <plug>} [<where>] to {value:(<percent>|<level>|<n:1-10>|<mode>)}
        adjust: (turn|bring|crank) up <O> [<where>] <up>
        adjust: (turn|bring|crank) <O> up [<bit>] <up>
        adjust: (turn|bring) down <O> [<where>] <down>
        adjust: (turn|bring) <O> down [<bit>] <down>
        adjust: (increase|raise) <O> [<by>] <up>
        adjust: (decrease|lower|reduce) <O> [<by>] <down>
        adjust: (increase|raise) <O> by {value:<percent>} <up>
        set: (increase|decrease|raise|lower) <O> to {value:(<percent>|<n:1-100>)}
        set: (turn|put) <O> (up|down|all the way up) to {value:(<percent>|<level>)}
        set: <O> [to] {value:<percent>}
        """
}
