/// Questions about the home, the time and the weather.
enum TemplatesQuestions {
    static let rules = """
        q = <det>
        onoff = (on|off|on|off|running|active|turned on|switched on|turned off|switched off|working|lit|powered on)
        openshut = (open|closed|shut|open|closed|up|down|opening|closing|raised|lowered|fully open|ajar)
        lockedness = (locked|unlocked|locked|unlocked|secure|bolted)
        playness = (playing|paused|on|off|playing music|muted|idle|playing anything|in standby)
        sensed = (wet|dry|triggered|occupied|empty|clear|full|charging|charged|connected|plugged
          in|online|offline|available|jammed|
          finished|done|armed|disarmed|ringing|leaking|moving|docked|cleaning|stuck|low|dead|home|away|detected)
        sensor = (motion sensor|<room> (sensor|motion sensor|motion detector|window sensor|door sensor)|smoke detector|leak
          sensor|
          water sensor|<mod> sensor|<robot>|<plug>|<list:appliances>|doorbell|alarm|house alarm|phone|<list:names>'s
          (phone|car|tablet)|
          washing machine|dishwasher|dryer|car|<invented>)
        batteried = (<robot>|<sensor>|<lockn>|<list:names>'s (phone|tablet|watch)|<mod>
          (sensor|lock|remote|button)|<invented>)
        person = (<list:names>|<list:names>|<list:names>|<list:relations>|everyone|anyone|the kids|the cat|the dog)
        whatis = (what is|what's|whats|tell me|what is|do you know|can you tell me|check|show me|give me)
        howis = (how is|how's|hows)
        gauged = (temperature|temperature|humidity|temp|current temperature|current humidity)
        tempish = (hot|cold|warm|cool)
        many = (lights|lights|lamps|fans|windows|windows|doors|doors|blinds|curtains|shades|shutters|locks|switches|plugs|tvs|
          speakers|devices|appliances|heaters|radiators|sensors|media players|gates|garage doors|covers|valves|cameras|<room>
          (lights|
          windows|doors|blinds)|<list:adjectives> (lights|windows))
        manystate = (on|on|off|open|open|closed|shut|locked|unlocked|running|playing|active|still on|left on|left open|turned
          on|
          switched off|broken|offline|unavailable|low on battery)
        ask = {question=what}
        """

    static let text = """
        @is question question 12
        ask: is {target:<q> <switchable>} {state:<onoff>} [<where>] {question=is}
        ask: is {target:<q> <switchable>} [<where>] {state:<onoff>} {question=is}
        ask: are {target:<q> (<lights>|<room> lights|<covern>|<median>|<switchable>)} {state:<onoff>} [<where>] {question=is}
        ask: is {target:<q> (<cover>|<door>|<door>|<lock>)} {state:<openshut>} [<where>] {question=is}
        ask: is {target:<q> (window|door|blind|gate)} <where> {state:<openshut>} {question=is}
        ask: are {target:<q> (<cover>|<door>|windows|doors|blinds|curtains)} {state:<openshut>} [<where>] {question=is}
        ask: are {target:<q> (windows|doors|blinds|curtains)} <where> {state:<openshut>} {question=is}
        ask: is {target:<q> <lock>} {state:<lockedness>} {question=is}
        ask: are {target:<q> (doors|<lock>|locks)} {state:<lockedness>} [<where>] {question=is}
        ask: is {target:<q> <media>} {state:<playness>} [<where>] {question=is}
        ask: is {target:<q> <sensor>} {state:<sensed>} [<where>] {question=is}
        ask: is {target:<q> <odd>} {state:(<onoff>|<openshut>|<sensed>)} [<where>] {question=is}
        ask: is {target:<person>} {state:(home|at home|here|away|in|out|asleep|at work|at school|back)} {question=is}
        ask: is {target:<person>} {state:(in|at) (the <theroomname>|work|school|home|the gym|<theroomname>)} {question=is}
        ask: did (i|we|you|someone|anyone|somebody) (leave|forget) {target:<q> (<light>|<switchable>)} {state:on}
          {question=is}
        ask: did (i|we|someone|anybody) leave {target:<q> (<cover>|<door>)} {state:(open|unlocked)} {question=is}
        ask: did (i|we|you|someone) {state:(lock|close|shut|open|unlock)} {target:<q> (<lock>|<door>)} {question=is}
        ask: did (i|we|you) turn {state:(off|on)} {target:<q> <switchable>} {question=is}
        ask: did (i|we|you) turn {target:<q> <switchable>} {state:(off|on)} {question=is}
        ask: have (i|we|you) {state:(locked|closed|shut|opened)} {target:<q> (<lock>|<door>)} {question=is}
        ask: has {target:<q> <sensor>} {state:(finished|stopped|started|triggered|gone off)} [yet] {question=is}
        ask: did {target:<q> <sensor>} {state:(finish|stop|start|trigger)} [yet] {question=is}
        ask: (do you know|can you tell me|tell me|check|can you check|could you check|see|i wonder|please check) (if|whether)
          {target:<q>
          <switchable>} (is|are) {state:<onoff>} [<where>] {question=is}
        ask: (do you know|can you tell me|tell me|check|can you check|could you check|see|i wonder) (if|whether) {target:<q>
          (<cover>|
          <door>|<lock>)} (is|are) {state:(<openshut>|<lockedness>)} [<where>] {question=is}
        ask: (check|can you check|see) (if|whether|that) (i|we) (left|forgot) {target:<q> <switchable>} {state:on}
          {question=is}
        ask: is it {state:(<tempish>|<tempish>|warm enough|too <tempish>|humid|dry|freezing|warmer than <degrees>)} <where>
          {question=is} {property=temperature}
        ask: is {place:<theroom>} {state:(<tempish>|too <tempish>|warm enough)} {question=is} {property=temperature}
        ask: is {target:<q> <batteried>} battery {state:(low|full|empty|okay|dead)} {question=is} {property=battery}
        ask: is the battery (of|in|on) {target:<q> <batteried>} {state:(low|full|empty|okay|dead)} {question=is}
          {property=battery}
        ask: does {target:<q> <batteried>} need {state:(charging|new batteries|a new battery)} {question=is}
          {property=battery}
        ask: is there {target:(motion|movement|a leak|smoke|someone|anybody|water)} <where> {question=is}
        ask: is (someone|anyone|somebody|anybody) [there] <where> {question=is} {property=state}
        ask: is {target:<q> <climate>} {state:(heating|cooling|on|off|set to <degrees>|in eco mode)} [<where>] {question=is}
        ask: is {target:<q> <light>} {state:(dimmed|bright|at full brightness|red|blue|white|dim|at <percent>)} [<where>]
          {question=is}
        ask: is {target:<q> <switchable>} still {state:(on|running|going|off)} [<where>] {question=is}
        ask: is {target:<q> <door>} still {state:open} [<where>] {question=is}
        ask: isn't {target:<q> <switchable>} {state:(on|off)} [<where>] {question=is}
        ask: {target:<q> <switchable>} is {state:(on|off)} isn't it {question=is}
        ask: is {target:everything} {state:(off|locked|closed|ok|okay|switched off)} [<where>] {question=all}

        @any question question 9
        ask: (are|is) (any|some) [of the|of my] {target:<many>} {state:<manystate>} [<where>] {question=any}
        ask: (are|is) any [of the] {target:<many>} <where> {state:<manystate>} {question=any}
        ask: are there any {target:<many>} {state:<manystate>} [<where>] {question=any}
        ask: is there (a|any) {target:(light|lamp|window|door|fan|blind)} {state:(on|open|left open|left on)} [<where>]
          {question=any}
        ask: did (i|we|someone|anybody) leave (a|any|some) {target:(light|lights|window|windows|door|doors|lamp|fan)}
          {state:(on|open|
          unlocked)} [<where>] {question=any}
        ask: (is there|are there) (anything|something) {state:(on|running|open|left on|playing|unlocked)} [<where>]
          {question=any}
        ask: is (anything|anything else) {state:(on|running|open|playing|still on|unlocked)} [<where>] {question=any}
        ask: is (anyone|anybody|somebody|someone) {state:(home|in|at home|here|upstairs)} {question=any}
        ask: any {target:<many>} {state:<manystate>} [<where>] {question=any}
        ask: (check|see|tell me|do you know) (if|whether) any {target:<many>} are {state:<manystate>} [<where>] {question=any}
        ask: (have i left|have we left|did i leave|did we leave|did we forget) any {target:<many>} {state:(on|open)}
          [<where>] {question=any}
        ask: are any {place:<theroomname>} {target:(lights|windows|blinds|doors)} {state:<manystate>} {question=any}
        ask: are (all|all the|all of the|all my|both|each of the) {target:<many>} {state:<manystate>} [<where>] {question=all}
        ask: (is|are) (every|each) {target:(light|window|door|fan|lock|blind|lamp)} {state:<manystate>} [<where>]
          {question=all}
        ask: are the {target:<many>} all {state:<manystate>} [<where>] {question=all}
        ask: (check|see|tell me|make sure) (if|whether|that) all [the|of the] {target:<many>} are {state:<manystate>}
          [<where>] {question=all}
        ask: did (i|we) {state:(lock|close|shut)} (all|all the|all of the|every) {target:<many>} {question=all}
        ask: is (everyone|everybody) {state:(home|out|in bed|here|asleep)} {question=all}

        @which question question 9
        ask: which {target:<many>} (are|is) {state:<manystate>} [<where>] {question=which}
        ask: (what|which) {target:<many>} (are|is) [currently] {state:<manystate>} [<where>] {question=which}
        ask: which [of the|of my] {target:<many>} <where> are {state:<manystate>} {question=which}
        ask: (tell me|show me|list|check|do you know) (which|what) {target:<many>} are {state:<manystate>} [<where>]
          {question=which}
        ask: (list|show me|name|tell me) (all|) [the] {target:<many>} that are {state:<manystate>} [<where>] {question=which}
        ask: (what|what all|what else) is {state:(on|running|open|playing|unlocked|still on)} [<where>] {question=which}
        ask: what's {state:(on|running|open|unlocked|turned on|still on)} [<where>] {question=which}
        ask: what did (i|we) leave {state:(on|open|running)} [<where>] {question=which}
        ask: (who|who all|who's) is {state:(home|in|at home|here|away|out|upstairs)} {question=which}
        ask: who's {state:(home|in|at home|here|away|out)} {question=which}
        ask: which {target:(devices|sensors|batteries|locks|remotes)} (have|has|are) [a] {state:(low|dead|empty|a low)}
          (battery|batteries|)
          {question=which} {property=battery}
        ask: what {target:(devices|lights|scenes|switches|rooms|speakers|sensors)} (are there|do i have|do we have|can you
          control)
          [<where>] {question=which}
        ask: which {target:(window|door|light|blind|lamp|lock|fan)} is {state:<manystate>} [<where>] {question=which}
        ask: which {place:<theroomname>} {target:(lights|windows|blinds|doors|speakers)} are {state:<manystate>}
          {question=which}
        ask: which room is (the|) {state:(warmest|coldest|hottest|coolest)} {question=which} {property=temperature}
        ask: how many {target:<many>} (are|do i have|do we have|are there) {state:<manystate>} [<where>] {question=count}
        ask: how many [of the|of my] {target:<many>} are [currently] {state:<manystate>} [<where>] {question=count}
        ask: how many {target:<many>} <where> are {state:<manystate>} {question=count}
        ask: how many {target:(lights|people|devices|windows|speakers|cameras)} (are there|do we have|are) <where>
          {question=count}
        ask: (tell me|count|do you know) how many {target:<many>} are {state:<manystate>} [<where>] {question=count}
        ask: how many people are {state:(home|here|in|upstairs|in the house)} {question=count}
        ask: how many {place:<theroomname>} {target:(lights|windows|blinds|doors)} are {state:<manystate>} {question=count}
        ask: (number of|count the|how many) {target:<many>} {state:(on|open|closed|off)} [<where>] {question=count}

        @what question question 12
        ask: <whatis> the <gauged> [<where>] <ask> {property=temperature}
        ask: <whatis> the (temperature|temp|current temperature) <where> <ask> {property=temperature}
        ask: <whatis> [the] {place:<det> <room>} (temperature|temp) <ask> {property=temperature}
        ask: <whatis> the (temperature|temp) (of|on|at|for) {target:<q> (<climate>|<plug>|<odd>)} <ask> {property=temperature}
        ask: how <tempish> is it [<where>] [right now|now|at the moment] <ask> {property=temperature}
        ask: how <tempish> is {place:<theroom>} <ask> {property=temperature}
        ask: how <tempish> is {target:<q> (<plug>|hot tub|oven|freezer|pool|fridge|water|sauna)} <ask> {property=temperature}
        ask: <whatis> {target:<q> <climate>} set (to|at) <ask> {property=temperature}
        ask: (what|which) temperature is {target:<q> <climate>} [set to|on|at] [<where>] <ask> {property=temperature}
        ask: how (high|low|warm) is {target:<q> <climate>} [set] <ask> {property=temperature}
        ask: <whatis> the (humidity|current humidity|humidity level) [<where>] <ask> {property=humidity}
        ask: how (humid|damp|dry) is (it|{place:<theroom>}) [<where>] <ask> {property=humidity}
        ask: <whatis> {place:<det> <room>} humidity <ask> {property=humidity}
        ask: <whatis> the (state|status|current state) of {target:<q> (<switchable>|<cover>|<lock>|<sensor>|<robot>|<odd>)}
          <ask> {property=state}
        ask: <whatis> {target:<q> (<switchable>|<cover>|<lock>|<sensor>|<robot>)} (status|state) <ask> {property=state}
        ask: what is {target:<q> (<switchable>|<cover>|<robot>|<plug>)} doing [right now] <ask> {property=state}
        ask: <howis> {target:<q> (<switchable>|<cover>|<robot>|<plug>)} [doing] <ask> {property=state}
        ask: is {target:<q> (<cover>|<door>)} (open or closed|open or shut|up or down|closed or open) [<where>] <ask>
          {property=state}
        ask: is {target:<q> <switchable>} (on or off|off or on|running or not|on or not) [<where>] <ask> {property=state}
        ask: is {target:<q> <lock>} (locked or unlocked|locked or not|unlocked or locked) <ask> {property=state}
        ask: what state is {target:<q> (<switchable>|<cover>|<lock>)} in <ask> {property=state}
        ask: <whatis> {target:[the] (<odd>|<sensor>|<room> (sensor|reading|power|energy|air quality)|outside temperature|air
          quality)} <ask>
        ask: (what's|what is|what does) {target:[the] (<invented> sensor|<room> sensor|power meter|gas meter|air quality)}
          (at|say|show|reading)
          <ask> {property=state}
        ask: how bright (is|are) {target:<q> <light>} [<where>] <ask> {property=brightness}
        ask: <whatis> the brightness (of|for) {target:<q> <light>} [<where>] <ask> {property=brightness}
        ask: <whatis> {target:<light>} brightness <ask> {property=brightness}
        ask: (what|which) (color|colour) (is|are) {target:<q> <light>} [<where>] <ask> {property=color}
        ask: <whatis> the (color|colour) of {target:<q> <light>} <ask> {property=color}
        ask: how loud (is|are) {target:<q> <media>} [<where>] <ask> {property=volume}
        ask: <whatis> the volume [level] (of|on|for) {target:<q> <media>} <ask> {property=volume}
        ask: (what's|what is|how high is) the volume [at|set to] [<where>] <ask> {property=volume}
        ask: (how far|how wide) (is|are) {target:<q> (<cover>|<door>)} (open|closed) <ask> {property=position}
        ask: <whatis> the position of {target:<q> (<cover>|<door>)} <ask> {property=position}
        ask: (what|which) speed is {target:<q> <fan>} [set to|on|at|running at] <ask> {property=speed}
        ask: how fast is {target:<q> <fan>} [going|spinning|running] <ask> {property=speed}
        ask: <whatis> the speed of {target:<q> <fan>} <ask> {property=speed}
        ask: (what|which) mode is {target:<q> <climate>} (in|on|set to) <ask> {property=mode}
        ask: <whatis> the mode of {target:<q> <climate>} <ask> {property=mode}
        ask: <whatis> the battery [level|status|charge] (of|on|in|for) {target:<q> <batteried>} <ask> {property=battery}
        ask: <whatis> {target:<q> <batteried>} battery [level] [at] <ask> {property=battery}
        ask: how much (battery|charge|juice) (does {target:<q> <batteried>} have|is left (in|on) {target:<q> <batteried>})
          [left] <ask>
          {property=battery}
        ask: how (full|charged) is {target:<q> <batteried>} [battery] <ask> {property=battery}
        ask: how much (power|energy|electricity) is {target:<q> (<plug>|<switchable>)} (using|drawing|consuming) <ask>
          {property=power}
        ask: how much (power|energy|electricity) (are we|am i|is the house|is the home) using [right now|today] <ask>
          {property=power}
        ask: <whatis> the (power|energy|power consumption|energy usage) (of|for) {target:<q> <plug>} <ask> {property=power}
        ask: <whatis> (playing|on) (on {target:<q> <media>}|<where>) <ask> {property=media}
        ask: (what's|what is) playing [right now|now|<where>] <ask> {property=media}
        ask: (what|which) (song|track|album|artist|movie|show|station) is (this|that|playing|on) [<where>] <ask>
          {property=media}
        ask: (who|who's) (sings|is singing|is playing|plays|is) this [song] <ask> {property=media}
        ask: what am i listening to <ask> {property=media}
        ask: (what|which) (source|input|channel) is {target:<q> <media>} on <ask> {property=source}
        ask: where (is|are|'s) {target:(<person>|<q> <robot>|<list:names>'s (car|phone|keys))} <ask> {property=state}
        ask: where's {target:(<person>|<q> <robot>)} [at] <ask> {property=state}
        ask: (where can i find|do you know where) {target:<person>} [is] <ask> {property=state}
        ask: when did {target:<q> (<door>|<lock>|<sensor>|<person>)} (last|) {state:(open|close|finish|trigger|come
          home|unlock|leave|change)}
          {question=when}
        ask: when was {target:<q> (<door>|<lock>|<sensor>|<switchable>)} [last] {state:(opened|closed|unlocked|turned
          on|triggered|used)}
          {question=when}
        ask: (how long|since when) has {target:<q> (<switchable>|<door>|<sensor>)} been
          {state:(on|open|running|off|unlocked|closed)}
          {question=when}
        ask: when (will|does|is) {target:<q> (<plug>|<robot>|<sensor>)} [be] {state:(finish|done|finished|end|ready|start)}
          {question=when}

        @what-fragment question fragment 3
        ask: (temperature|temp) <where> <ask> {property=temperature}
        ask: {place:<room>} temperature <ask> {property=temperature}
        ask: (humidity|humidity level) <where> <ask> {property=humidity}
        ask: status of {target:[the] (<lock>|<door>|<cover>|<robot>|<switchable>)} <ask> {property=state}
        ask: {target:<lock>} {state:<lockedness>} or not {question=is}
        ask: {target:[the] (<lock>|<door>|<light>)} status <ask> {property=state}
        ask: {target:<many>} {state:(open|on|unlocked)} anywhere {question=any}

        @time time question 4
        ask_time: (what time is it|what's the time|what is the time|what is the current time|tell me the time|do you have the
          time)
        ask_time: (what time is it|what's the time|what is the time) (right now|now|currently|here|exactly)
        ask_time: (what time is it|what's the time|what is the time|tell me the time|what's the current time) in
          {place:<list:cities>}
        ask_time: (how late is it|do you know what time it is|can you tell me the time|got the time|give me the time|what
          time do we have)
        ask_time: (current time|time please|time check|the time|time in {place:<list:cities>})
        ask_time: (tell me|do you know|can you tell me) what time it is [in {place:<list:cities>}]
        ask_date: (what day is it|what's the date|what is the date|what's today's date|what day is today|what is today's date)
        ask_date: (what's the date|what is the date|what day is it|what day of the week is it)
          (today|{time:tomorrow}|{time:next friday})
        ask_date: (what month is it|what year is it|what is the current date|tell me the date|which day is it|what is the day
          today)
        ask_date: what (date|day) is {time:(tomorrow|<day>|christmas|easter|new year's eve|thanksgiving)} [this year]
        ask_date: (today's date|date today|the date please|which date is it|what's the day|do you know the date)
        ask_date: how many days (until|till|to) {time:(christmas|easter|<day>|new year|halloween|my birthday)}
        ask_date: (is it|is today) (monday|tuesday|wednesday|thursday|friday|saturday|sunday|a holiday) [today]

        @weather weather question 6
        ask_weather: (what's|what is|how's|how is) the weather [like] [{time:(today|tomorrow|<day>|<daypart>|this
          weekend|now)}]
        ask_weather: (what's|what is|how's|how is) the weather [like] (in|at) {place:<list:cities>}
          [{time:(today|tomorrow|<day>|now)}]
        ask_weather: (what's|what is|tell me|give me|show me) the [weather] forecast [for {time:<day>}|in
          {place:<list:cities>}]
        ask_weather: (will it|is it going to|is it gonna|does it look like it will) (rain|snow|be sunny|be cold|storm|be
          hot|be windy|
          freeze|hail|be warm|clear up) [{time:(<day>|<daypart>)}] [in {place:<list:cities>}]
        ask_weather: is it (raining|snowing|sunny|windy|cold outside|hot outside|warm outside|cloudy|foggy|storming|freezing
          out) [right now|
          today|in {place:<list:cities>}]
        ask_weather: (do i need|will i need|should i take|should i bring|should i wear) (an umbrella|a coat|a
          jacket|sunscreen|boots|a hat|
          gloves) [{time:<day>}]
        ask_weather: what will the weather be [like] [{time:<day>}] [in {place:<list:cities>}]
        ask_weather: how (hot|cold|warm|windy|humid) (is it going to be|will it be|will it get) [{time:<day>}] [in
          {place:<list:cities>}]
        ask_weather: (weather|forecast|weather report|weather forecast) (for|in) ({place:<list:cities>}|{time:<day>})
        ask_weather: (weather|the weather please|weather report|forecast|weather forecast|weather update|how's it looking
          outside)
        ask_weather: (what's|what is) the (chance|chances|probability) of (rain|snow|storms|sun) [{time:<day>}] [in
          {place:<list:cities>}]
        ask_weather: what's it like (outside|out|out there) [{time:(today|now|<daypart>)}]
        ask_weather: when (will it|is it going to) (rain|stop|snow|stop raining|be sunny|clear up)
        ask_weather: (what's|what is) the (temperature|high|low|wind) (going to be|) {time:<day>} [in {place:<list:cities>}]
        ask_weather: (what's|what is) the temperature in {place:<list:cities>}
        ask_weather: (when is sunset|when is sunrise|when does the sun set|when does the sun rise|what time is sunset)
          [{time:(today|tomorrow|tonight)}]
        """
}
