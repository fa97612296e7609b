/// What people say around a request: politeness, attention, conditions, and words that mean nothing.
enum RequestFrames {
    static let rules = """
        attention = (hey|hey|okay|ok|hi|hello|so|alright|right|well|yo|hey myna|myna|okay myna|hi myna|computer|hey
          computer|assistant|
          hey there|excuse me|listen|quick|hi there|um hey|oh|ah|hey <list:names>|good morning|good evening|and|also|now|okay
          now|
          oh and|one more thing|by the way|hello myna|house|jarvis|hey jarvis|hey house)
        asking = (please|please|please|could you|could you|can you|can you|would you|will you|could you please|can you please|
          would you please|please can you|please could you|i want you to|i'd like you to|i need you to|i would like you to|go
          ahead and|
          just|could you just|can you just|would you kindly|kindly|be so kind and|be a dear and|do me a favor and|let's|let
          us|
          try to|you can|you could|you should|you may|please go ahead and|i wonder if you could|do you think you can|are you
          able to|
          would it be possible to|is it possible to|can we|could we|may i ask you to|may i request you to|i was wondering if
          you could|
          feel free to|why don't you|how about you|quickly|i'd appreciate it if you could|i want to|i'd like to|i need to|i
          wanna|help me|
          it's time to|we should|we need to|you need to|mind if you|would you be able to|might you|hurry and|make sure
          to|make sure you|
          don't forget to|remember to)
        thanking = (please|please|please|please|for me|thanks|thank you|now|right now|if you can|would you|will
          you|okay|ok|for me please|
          right away|immediately|quickly|please and thank you|when you can|if you don't mind|for a moment|for now|at
          once|straight away|
          if possible|when you get a chance|buddy|dear|mate|myna|would you please|could you|please myna|for us|asap|as soon
          as possible|
          this minute|thank you very much|all right|then|today please|for the night|there's a good robot)
        context = (i'm going to bed|i am going to bed|we're going to bed|i'm leaving|we are leaving|i'm home|we're home|i'm
          back|it's late|
          it's getting late|dinner is ready|i'm going out|i'm tired|guests are coming|the guests are here|the baby is asleep|
          i'm about to watch a movie|i'm in <my> <room>|i'm working|i'm cooking|i have a headache|the kids are asleep|i just
          woke up|
          we're having a party|i'm reading|i'm on a call|someone is at the door|i need to sleep|i'm in bed|time for bed|
          i forgot something|i think i forgot|the sun is out|it's a nice day|nobody is home|<list:names> is here|i can't
          reach it|
          before i forget|while you're at it|since nobody is there|as i'm leaving|when you're done|if it isn't already)
        joint = (and|and|and|and|then|and then|and then|and also|also|plus|and please|oh and|after that|and can you|and could
          you|but also|
          and finally|followed by that|once that's done|next|and while you're at it|)
        iffy = (if|if|if|when|whenever|as soon as|once|only if|as long as|in case|provided|if only|assuming|when)
        filler = (um|uh|er|uhm|like|you know|well|so|hmm|ah|erm|i mean|let me see|let's see|okay|kind
          of|basically|actually|uh um)
        edit = (no wait|no|wait no|sorry|i mean|i meant|sorry i mean|uh no|no i mean|no no|actually|make that|scratch that|or
          rather|oops|
          oh sorry|wait|no sorry|i mean to say|no make that|no actually|not that|rather|that is|correction|um no|well no|oh
          no|excuse me)
        dropit = (never mind|no never mind|forget it|cancel that|oh forget it|wait never mind|actually never mind|scratch
          that|no forget it|
          actually no|no don't|stop no|cancel|actually forget about it|don't do that|leave it)
        later = (in {*delay:<duration>}|in {*delay:<duration>}|after {*delay:<duration>}|{*delay:<duration>} from now)
        """
}
