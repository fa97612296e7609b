/// The parts that requests are made of: places, names of devices, values, times.
///
/// What is common in homes stands here; the long tail comes from lists, and names without any meaning are invented, so
/// that a model learns to copy and not to know.
enum RequestRules {
    static let places = """
        theroomname = (kitchen|kitchen|living room|living room|bedroom|bedroom|bathroom|hall|hallway|dining
          room|office|study|garage|
          lounge|garden|patio|basement|master bedroom|main bedroom|guest room|attic|toilet|terrace|entrance|<list:oddrooms>|
          <list:oddrooms>|<list:oddrooms>|<list:oddrooms>)
        roomnumber = (one|two|three|four|five|six|a|b)
        room = (<theroomname>|<theroomname>|<theroomname>|<theroomname>|<theroomname>|<theroomname>|<list:adjectives>
          <theroomname>|
          <owner> (room|bedroom|office|den|study|bathroom|studio|corner)|(bedroom|bathroom|room|office|garage) <roomnumber>|
          (first|second|third) (bedroom|bathroom)|(upstairs|downstairs)
          (bathroom|hall|hallway|toilet|bedroom|landing)|<invented>
          room|<list:objects> room|guest (room|bedroom|bathroom)|kids (room|bedroom|bathroom)|nursery|<list:oddrooms>)
        owner = (<list:names>'s|<list:names>'s|<list:names>'s|kids|the baby's|grandma's|dad's|mom's|mum's|boys|girls|
          our son's|our daughter's)
        det = (the|the|the|the|my|our||||)
        my = (the|the|the|the|the|the|my|our)
        theroom = <det> <room>
        floor = (first|second|third|fourth|ground|top|upper|lower|main|bottom) floor
        updown = (upstairs|downstairs|upstairs|downstairs|outside|outdoors|indoors|inside|everywhere|in here)
        here = (here|in here|here|this room|my room|the room)
        house = (the (house|home|apartment|flat|place|whole house|entire house|whole apartment|whole home|building))
        where = ((in|in|in|in|in|in|in|at|on|inside|over in) {*place:<my> <room>}|(in|on|at)
          {*place:<room>}|{*place:(upstairs|
          downstairs|upstairs|downstairs|outside|everywhere)}|on {*place:the <floor>}|in {*place:here}|in
          {*place:here}|(in|around|
          throughout|all over|across) {*place:<house>}|in {*place:(every room|all rooms|all the rooms|each room|the other
          rooms|both bedrooms|the bedrooms|the bathrooms|all the bedrooms)}|in {*place:(this|my) room}|in {*place:<my> <room>
          and [the] <room>}|in
          {*place:<my> <room> <room> and <room>}|
          in {*place:<room>}|{*place:here}|{*place:<theroomname>}|on {*place:the
          (terrace|patio|deck|balcony|landing|porch|roof|driveway|lawn)})
        inroom = (in|in|in|at) (<my> <room>|<room>)
        """

    static let devices = """
        lightn = (light|light|light|lights|lights|lamp|lamp|lamps|lighting|bulb|spotlight|spotlights|spots|chandelier|sconce|
          pendant|strip|led strip|light strip|night light|nightlight|floor lamp|table lamp|desk lamp|ceiling light|ceiling
          lights|
          ceiling|ceiling lamp|fairy lights|string lights|floodlight|flood
          lights|downlights|uplighter|lantern|lanterns|bedside|
          bedside lamp|reading lamp|reading light|wall light|main light|overhead light|big light|under cabinet lights|track
          lights|
          lava lamp|torch|glow|leds|standing lamp|porch light|vanity light|mirror light|counter strip|worktop lights|step
          lights)
        lights = (lights|lights|lights|lights|lamps|bulbs|spotlights|spots|ceiling lights|leds|lighting|lamps and lights)
        mod = (<list:adjectives>|<list:adjectives>|<list:furniture>|<list:furniture>|<list:objects>|<list:brands>|<owner>|
          <list:names>'s)
        prep = (by|by|near|next to|beside|behind|over|above|under|on|at|in front of|across from)
        light = (<room> <lightn>|<room> <lightn>|<room> <lightn>|<room> light|<room> lights|<mod> <lightn>|<mod> <lightn>|
          <owner> <lightn>|<lightn>|<lightn>|<lightn>|<lightn> <prep> (the|my) <list:furniture>|<room> <mod> <lightn>|
          <mod> <room> <lightn>|(<room>|<mod>) (light|lamp) <n:1-9>|<list:brands> (<room>|<lightn>)|<room> and <room>
          (lights|lamps)|
          <invented> (light|lamp)|(left|right|front|back|upper|lower) <lightn>|light <n:1-9>|<floor>
          <lightn>|(upstairs|downstairs|
          outside|outdoor) (lights|light|lamps))
        fann = (fan|fan|fan|ceiling fan|extractor fan|exhaust fan|extractor|ventilator|tower fan|desk
          fan|vent|ventilation|bathroom fan)
        fan = (<fann>|<fann>|<room> <fann>|<room> fan|<mod> <fann>|<room> fans|fans|<fann> <prep> the <list:furniture>)
        covern = (blinds|blinds|blind|curtains|curtains|curtain|shades|shade|shutters|shutter|drapes|roller blind|roller
          blinds|
          roman blind|roller shutters|awning|awnings|venetian blinds|skylight|sunshade|blackout blinds|blackout
          curtains|screen)
        cover = (<covern>|<covern>|<covern>|<room> <covern>|<room> <covern>|<room> <covern>|<mod> <covern>|<mod> blind|<room>
          <mod> <covern>|(left|right|front|back) <covern>|<covern> <n:1-6>|<room> window)
        doorn = (garage door|garage door|garage|gate|front gate|driveway gate|side gate|window|windows|roof
          window|skylight|velux|
          car port|main gate|garage doors|sliding door|door|pet door|valve|water valve|gas valve|main
          valve|tap|water|hatch|damper|vent)
        door = (<doorn>|<doorn>|<mod> <doorn>|<room> (window|door|windows|valve|vent)|garage door <n:1-4>|<owner>
          (gate|window|garage))
        climaten = (heating|heating|thermostat|thermostat|heater|radiator|ac|a c|air conditioner|air conditioning|air
          con|aircon|
          heat pump|boiler|floor heating|underfloor heating|climate|climate control|fireplace|space
          heater|hvac|furnace|cooling|heat)
        climate = (<climaten>|<climaten>|<climaten>|<room> <climaten>|<room> <climaten>|<room> (heating|thermostat|radiator)|
          <mod> <climaten>|(upstairs|downstairs) <climaten>|<floor> (heating|thermostat)|<owner> (heater|radiator))
        median = (tv|tv|television|telly|speaker|speaker|speakers|radio|radio|stereo|soundbar|sound bar|music player|media
          player|
          projector|apple tv|record player|hi fi|amplifier|receiver|smart speaker|chromecast|fire stick|echo|home
          theater|jukebox|
          google home|home pod|music system|sound system|boombox|shield|playstation|xbox)
        media = (<median>|<median>|<median>|<room> <median>|<room> <median>|<room> (tv|speaker|radio)|<mod> <median>|
          <list:brands> <median>|<owner> (radio|tv|speaker|stereo)|<median> <prep> the <list:furniture>)
        lockn = (front door|front door|back door|door|door|doors|lock|side door|garage|garage door|gate|patio door|shed|safe|
          main door|front door lock|cellar door|basement door|smart lock|deadbolt|gun safe|mailbox|liquor cabinet|front gate)
        lock = (<lockn>|<lockn>|<lockn>|<room> door|<room> (lock|door lock)|<mod> (door|lock|gate|cabinet)|<owner>
          (door|room|locker))
        robotn = (vacuum|vacuum|robot|robot vacuum|vacuum cleaner|hoover|roomba|mop|mower|lawn mower|lawnmower|robot mower|
          cleaner|cleaning robot|mopping robot|window cleaner|pool cleaner|pool robot|vac|robovac|dusty|rosie|robby)
        robot = (<robotn>|<robotn>|<robotn>|<mod> <robotn>|<room> <robotn>|<list:brands>|<list:names>|<invented>)
        plug = (<list:appliances>|<list:appliances>|<list:appliances>|<list:appliances>|<room> <list:appliances>|<mod>
          <list:appliances>|<room> (plug|switch|outlet|socket|heater|tv|pump)|<owner> <list:appliances>|<mod>
          (plug|switch|outlet)|
          plug <n:1-9>|<list:appliances> <prep> the <list:furniture>|<list:appliances> (plug|switch|socket)|kettle|coffee
          machine)
        odd = (<invented>|<invented>|<invented> <invented>|<list:objects>|<list:objects> <list:objects>|<list:adjectives>
          <list:objects>|
          <list:names>|<list:adjectives> <invented>|<invented> <n:1-9>|<list:furniture>|<list:brands>
          <invented>|<list:names>'s
          (<invented>|<list:objects>)|<list:adjectives> (one|thing)|<room> <invented>|<invented> <list:objects>)
        switchable =
          (<light>|<light>|<light>|<light>|<light>|<light>|<plug>|<plug>|<plug>|<fan>|<climate>|<media>|<media>|<odd>|<odd>)
        plural = (<lights>|<lights>|<lights>|lights|lights|<room>
          <lights>|(fans|tvs|speakers|radios|plugs|switches|sockets|heaters|
          radiators|devices|appliances|blinds|curtains|shades|windows|doors|locks|cameras|screens|media players|thermostats)|
          (indoor|outdoor|outside|upstairs|downstairs|living room|garden) (lights|lamps|fans|speakers)|<lights> and
          (fans|<median>))
        groups = (<lights>|<lights>|<lights>|lights|lights|lights|<room> <lights>|(indoor|outdoor|upstairs|downstairs) lights)
        all = (all|all the|all the|all the|every|each|all of the|all my|all our|every single|all these)
        thing = <det> <switchable>
        scene = (<list:scenes>|<list:scenes>|<list:scenes>|<list:scenes>|<list:objects>|<invented> [<invented>]|<list:names>'s
          (evening|morning|bedtime|routine))
        """

    static let values = """
        percent = (<n:0-100> percent|<n:0-100/10> percent|<n:0-100/5> percent|<n:1-99> percent|fifty percent|twenty percent)
        level = (half|half|max|maximum|minimum|full|low|high|medium|the max|the lowest|the highest|the minimum|the maximum|
          a quarter|three quarters|full power|halfway|one third|two thirds)
        brightness = (<percent>|<percent>|<percent>|<percent>|<n:5-100/5>|half|maximum|max|minimum|full|full brightness|
          half brightness|the max|the lowest setting|the maximum|the minimum|a quarter|<percent> brightness|low|medium|high|
          the lowest|the highest|three quarters|a third|its lowest)
        degrees = (<n:15-28> degrees|<n:15-28> degrees|<n:15-28>|<n:60-80> degrees|<n:60-80>|<n:15-26> point five|<n:5-30>
          degrees
          (celsius|centigrade)|<n:55-85> degrees fahrenheit|<n:15-26> and a half [degrees]|<n:15-26> point (two|five) degrees)
        amount = (<n:2-10>|<n:5-30/5>|<n:1-10> percent|<n:5-50/5> percent|<n:5-30/5> percent|ten percent|twenty percent)
        degreesby = (<n:1-5> degrees|one degree|a degree|two degrees|half a degree|a couple of degrees|<n:1-3> point five
          degrees|
          a few degrees)
        color = (red|blue|green|yellow|orange|purple|pink|white|red|blue|green|<list:colors>|<list:colors>)
        whiteness = (warm white|cool white|cold white|daylight|day light|candle light|candlelight|soft
          white|warm|cool|neutral white|
          warm light|natural light|<n:20-65/5> hundred kelvin|<n:2-6> thousand kelvin|<n:2000-6500/100> kelvin|bright
          white|cozy)
        mode = (heat|cool|auto|eco|dry|fan
          only|heating|cooling|automatic|economy|boost|sleep|away|comfort|off|turbo|quiet|silent|
          night|day|vacation|frost protection|home|normal|gentle|strong|intensive|energy saving)
        speed = (low|medium|high|slow|fast|full speed|half speed|<percent>|<percent>|speed <n:1-6>|max|maximum|level <n:1-5>|
          full|turbo|the lowest|the highest [speed]|minimum|quiet|number <n:1-4>|<n:1-6>)
        position = (<percent>|<percent>|<percent>|half|halfway|a third|three quarters|a quarter|half way|<n:5-95/5>|fifty
          percent)
        volume = (<percent>|<percent>|<percent>|<n:1-100>|<n:1-10>|half|max|maximum|minimum|full|full blast|level
          <n:1-10>|low|
          medium|zero|the max|ten|twenty)
        humidity = (<n:30-70/5> percent|<n:30-70> percent|<n:30-70/5>|<n:30-70>)
        source = (hdmi <n:1-4>|bluetooth|netflix|spotify|youtube|radio|tv|aux|line in|disney
          plus|cable|playstation|chromecast|
          optical|cd|usb|channel <n:1-99>|bbc one|apple music|am|fm|airplay|phono)
        bit = (a bit|a little|a little bit|slightly|a touch|a tad|a notch|some|a lot|much|way|just a bit|just a little)
        more = (more|more|even more|further|again|still)
        """

    static let times = """
        seconds = (<n:2-59> seconds|<n:10-90/5> seconds|thirty seconds|one second|ninety seconds)
        minutes = (<n:2-59> minutes|<n:2-20> minutes|<n:5-60/5> minutes|one minute|a minute|ten minutes|five minutes|<n:2-10>
          and a half
          minutes|a minute and a half|a couple of minutes|a few minutes|<n:2-20> mins)
        hours = (<n:2-12> hours|one hour|an hour|half an hour|an hour and a half|<n:2-6> and a half hours|a quarter of an
          hour|
          three quarters of an hour|a couple of hours|half hour|two hours)
        duration = (<minutes>|<minutes>|<minutes>|<minutes>|<minutes>|<hours>|<hours>|<seconds>|(<n:2-5> hours|one hour|an
          hour) [and]
          <n:5-55/5> minutes|(<n:2-30> minutes|one minute) [and] <n:5-55/5> seconds|<n:1-4> hours <n:1-59> minutes)
        durationof = (<n:1-59> minute|<n:5-60/5> minute|<n:1-12> hour|<n:10-90/5> second|half hour|half an hour|hour and a
          half|
          <n:2-59> minutes|one hour|ten minute|five minute)
        clock = (<n:1-12>|<n:1-12>|<n:1-12> (a m|p m|am|pm)|<n:1-12> (a m|p m|am|pm)|<n:1-12> o'clock|<n:1-12>
          (thirty|fifteen|
          forty five|<n:10-59>)|half past <n:1-12>|quarter (past|to) <n:1-12>|(ten|twenty|five) (past|to)
          <n:1-12>|noon|midnight|
          midday|<n:1-12> in the (morning|evening|afternoon)|<n:1-12> thirty (am|pm|a m|p m)|<n:13-23>
          (hundred|thirty|fifteen))
        day = (tomorrow|tomorrow|today|tonight|monday|tuesday|wednesday|thursday|friday|saturday|sunday|next (monday|tuesday|
          wednesday|thursday|friday|saturday|sunday|week)|this (weekend|afternoon|evening|morning|week)|the weekend|
          the day after tomorrow|(january|february|march|april|may|june|july|august|september|october|november|december)
          (first|second|third|fourth|fifth|tenth|twelfth|twentieth|twenty <ordinal>)|the (<ordinal>|tenth|twelfth|twentieth))
        ordinal = (first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)
        daypart = (tomorrow (morning|afternoon|evening|night)|tonight|this
          (afternoon|evening)|(monday|tuesday|wednesday|thursday|
          friday|saturday|sunday) (morning|afternoon|evening|night)|in the (morning|evening|afternoon))
        moment = (at {*time:<clock>}|at {*time:<clock>}|at {*time:<clock>}|{*time:<daypart>}|{*time:<day>} at {*time:<clock>}|
          on {*time:<day>}|{*time:<day>}|at {*time:(sunset|sunrise|dusk|dawn|bedtime|lunch time|night)}|{*time:every
          (day|morning|
          evening|night|monday|weekday) at <clock>})
        when = (at {time:<clock>}|at {time:<clock>}|at {time:<clock> (tomorrow|today|tonight|on <day>|on friday|every
          day)}|{time:<day>
          at <clock>}|{time:<daypart>}|on {time:<day> at <clock>}|on {time:<day>}|{time:<day>}|for {time:<day> at <clock>}|
          for {time:<clock>}|for {time:<day>}|{time:every (day|monday|tuesday|sunday|weekday) at <clock>})
        """

    static let conditions = """
        weathery = (it is|it's|it gets|the weather is)
          (raining|snowing|sunny|cloudy|windy|freezing|hot|cold|warm|dark|stormy|foggy|
          too hot|too cold|dark outside|cold outside|hot out|light outside|below <outside> outside|above <outside> outside|
          colder than <outside>|warmer than <outside> outside|over <outside>|under <outside>|below <outside>|above
          <outside>|getting dark|bright outside|humid)
        outside = (<n:0-35> degrees|<n:0-35>|<n:5-25> degrees|minus <n:1-10> [degrees]|zero|<n:40-90/5>
          degrees|<degrees>|freezing)
        stateful = [the] (<switchable>|<light>|<media>|<climate>) (is|is|are|is still|isn't)
          (on|off|running|playing|open|idle)
        opened = [the] (<cover>|<door>|<lock>) (is|is|are|is still|has been left|isn't) (open|closed|shut|unlocked|locked)
        somebody = (nobody|no one|someone|anyone|everyone|<list:names>|everybody) (is|is|isn't) (home|here|at
          home|awake|asleep|away|
          in <my> <room>|<inroom>|gone)
        measured = ((it's|it is) (colder|warmer|hotter|cooler) than <outside> <inroom>|[the] <room> is
          (colder|warmer|hotter|below|
          above|under|over|cooler than|warmer than|colder than) <outside>|[the] (temperature|humidity) <inroom> is
          (below|above|over|under|higher than|lower than) (<degrees>|<percent>)|[the] (temperature|humidity) (drops
          below|rises above|
          falls under|goes over|is above|is below|exceeds|reaches) (<degrees>|<percent>)|(it's|it is) (below|above|over|under|
          more than|less than) <outside> (outside|<inroom>|out)|[the] battery [of the <robot>] is (low|full|below <percent>))
        condition = (<weathery>|<weathery>|<stateful>|<opened>|<somebody>|<measured>|<measured>)
        """

    static var all: [String] { [places, devices, values, times, conditions] }
}
