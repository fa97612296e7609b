/// The entries that patterns draw from without any data folder: a line is `name: entry, entry`.
///
/// Entries are held out one by one (``RequestSplit``), so what is common in every home stands in the rules instead.
enum RequestLists {
    static let text = """
        names: anna, ben, carlos, dora, elif, frank, grace, hugo, ines, jack, kira, liam, maya, noah, olga, paul, quinn,
          rosa, sam,
          tara, uma, victor, wanda, xavier, yusuf, zoe, aisha, mei, kenji, priya, luca, amelie, sven, oksana, fatima, diego
        oddrooms: sun room, mud room, sauna, music room, craft room, sewing room, wine cellar, box room, boot room, snug,
          parlour,
          conservatory, loft, studio, gym, home cinema, cinema room, games room, play room, library, reading nook, breakfast
          nook,
          pantry, larder, scullery, utility room, boiler room, server room, walk in closet, dressing room, wet room, powder
          room,
          cloakroom, vestibule, foyer, mezzanine, gallery, workshop, tool shed, shed, greenhouse, carport, boathouse, pool
          house,
          guest house, granny flat, tree house, barn, stables, courtyard, veranda, balcony, roof terrace, rooftop, deck,
          porch,
          front porch, back porch, side entrance, landing, stairwell, staircase, alcove, den, man cave, media room, laundry,
          laundry room, nursery, playroom, kids room, teen room, master bath, ensuite, half bath, guest bathroom, guest
          bedroom,
          spare room, spare bedroom, sitting room, front room, back room, drawing room, family room, great room, common room,
          corridor, entryway, entrance hall, upstairs hall, downstairs hall, kitchenette, dining area, dining nook, bar,
          cellar,
          crawl space, attic, garden shed, front yard, back yard, backyard, front garden, back garden, driveway, pond, pool,
          jacuzzi, tennis court, orchard, vegetable patch, bike shed, storage room, junk room, meditation room, yoga room,
          lab,
          darkroom, observatory, cocina, salon, chambre, wohnzimmer, keller, soggiorno, cucina, dormitorio, terraza, jardin
        adjectives: big, small, little, tall, short, left, right, old, new, upper, lower, outer, inner, top, bottom, middle,
          far, near,
          second, third, other, main, round, square, fancy, ugly, red, blue, green, white, black, golden, silver, pink,
          purple, warm,
          cold, bright, dim, smart, antique, vintage, modern, wooden, brass, copper, glass, crystal, paper, bamboo, oak,
          marble,
          ceramic, wicker, portable, mobile, standing, hanging, hidden, broken, spare, reading, cooking, working, party,
          emergency,
          ambient, accent, task, night, evening, morning, christmas, halloween, outdoor, indoor, solar, ring, arc, spiral,
          moon,
          star, giant, mini, twin, double, single, front, rear, side, corner, center, east, west, north, south, loud, quiet
        furniture: sofa, couch, desk, bed, bunk bed, cot, crib, armchair, chair, table, dining table, coffee table, side
          table,
          nightstand, bedside table, bookshelf, bookcase, shelf, shelves, cabinet, wardrobe, closet, dresser, mirror, vanity,
          sink,
          bathtub, shower, toilet, stove, oven, counter, worktop, island, fridge, tv, piano, fireplace, mantel, window, door,
          front door, stairs, hallway table, plant, ficus, palm, aquarium, fish tank, picture, painting, map, clock,
          workbench,
          treadmill, pool table, bar, bath, washing machine, recliner, bench, hammock, grill, barbecue, gate, fence, hedge,
          tree
        brands: hue, ikea, lifx, wiz, nanoleaf, philips, osram, yeelight, shelly, sonoff, kasa, wemo, aqara, tuya, govee,
          lutron,
          innr, sengled, sonos, bose, samsung, sony, lg, google, apple, roku, denon, yamaha, marantz, jbl, harman, dyson,
          honeywell,
          ecobee, nest, tado, netatmo, bosch, siemens, miele, whirlpool, roomba, roborock, eufy, ecovacs, neato, husqvarna,
          xiaomi
        objects: pineapple, cactus, lighthouse, unicorn, dragon, rocket, toadstool, mushroom, banana, lava, salt, moon,
          cloud, bubble,
          globe, anchor, buddha, owl, fox, bear, elephant, flamingo, guitar, bottle, teapot, jar, lantern, feather, shell,
          cube
        appliances: kettle, coffee machine, coffee maker, espresso machine, toaster, dishwasher, washing machine, washer,
          dryer,
          tumble dryer, oven, microwave, air fryer, slow cooker, rice cooker, bread maker, fridge, refrigerator, freezer,
          wine cooler, ice maker, range hood, cooker hood, induction hob, cooktop, stove, blender, printer, computer, monitor,
          router, modem, server, game console, electric blanket, heated blanket, bed warmer, humidifier, dehumidifier, air
          purifier,
          purifier, diffuser, towel rail, towel warmer, hot tub, sauna, pool pump, pool heater, pond pump, pump, fountain,
          water feature, sprinkler, sprinklers, irrigation, drip system, garden hose, water heater, boiler, immersion heater,
          charger, car charger, ev charger, scooter charger, plug, smart plug, socket, outlet, power strip, extension cord,
          switch, relay, aquarium, fish tank, terrarium heater, cat feeder, pet feeder, pet fountain, christmas tree, disco
          ball,
          fog machine, projector screen, treadmill, massage chair, baby monitor, camera, doorbell, siren, alarm, alarm system,
          security system, motion sensor, smoke detector, bug zapper, dehydrator, incubator, kiln, lathe, compressor,
          soldering iron
        scenes: movie night, movie time, good night, good morning, bedtime, bed time, wake up, dinner, dinner time, dinner
          party,
          party mode, party, reading, reading time, relax, relaxing, chill, focus, work, work mode, study time, romance,
          date night, game night, gaming, cleaning mode, cooking, breakfast, away, away mode, vacation, holiday mode, home,
          coming home, leaving home, sunset, sunrise, evening, night mode, nightlight, storm, guest mode, baby sleep, nap
          time,
          spa, bath time, yoga, workout, meditation, cosy, cozy evening, christmas, halloween, aurora, deep sea, campfire,
          candlelight, bright, all bright, dimmed, energize, concentrate, tropical twilight, arctic aurora, lights out,
          goodnight routine, morning routine, bedtime routine, lock up, secure house, fire drill, watering, siesta
        foods: milk, oat milk, coconut milk, bread, butter, eggs, a dozen eggs, cheese, ham, rice, pasta, flour, sugar, salt,
          pepper,
          olive oil, tomatoes, onions, garlic, carrots, potatoes, apples, bananas, lemons, limes, yoghurt, cream, coffee,
          coffee beans, tea, tea bags, orange juice, sparkling water, beer, red wine, chicken breast, minced beef, salmon,
          tofu,
          lentils, chickpeas, black beans, peanut butter, jam, honey, cereal, oats, granola bars, dark chocolate, ice cream,
          baking powder, cooking oil, whipping cream, drinking chocolate, self raising flour, icing sugar, puff pastry, sour
          cream, cottage cheese, cherry tomatoes, spring onions, red peppers, brown rice, rye bread, greek yoghurt, maple
          syrup, almond butter, green beans, frozen peas, fish fingers, ginger beer, corn flakes, goat cheese, soy sauce,
          chilli flakes, bay leaves, smoked paprika, vanilla extract, chocolate chips, rice noodles, sweet potatoes, baby
          spinach, mixed nuts, dried apricots, pumpkin seeds, tomato puree, chicken stock, lamb chops, smoked salmon, ice
          lollies, mineral water, white wine, decaf coffee, peppermint tea, burger buns, tortilla wraps, crushed tomatoes
        goods: toilet paper, paper towels, dish soap, washing powder, shampoo, toothpaste, bin bags, light bulbs, batteries,
          double a batteries, cat food, dog food, cat litter, nappies, wipes, soap, sponges, foil, candles, matches, wrapping
          paper,
          stamps, printer ink, glue, tape, screws, paint, plant food, bird seed, sun cream, plasters, aspirin, birthday card,
          washing up liquid, chewing gum, shaving foam, cleaning spray, drinking straws, sewing thread, running shoes,
          swimming goggles, writing paper, packing tape, cutting board, walking socks, knitting needles, cling film, kitchen
          roll, hand soap, laundry detergent, dishwasher tablets, freezer bags, coffee filters, tin foil, fabric softener,
          cotton buds, contact lens solution, cough syrup, throat sweets, hair conditioner, razor blades, super glue, picture
          hooks, an extension lead, garden twine, potting compost, lawn feed, motor oil, a phone charger, baking paper
        chores: call the plumber, book the dentist, water the plants, take out the trash, take the bins out, pay the rent,
          feed the cat, walk the dog, vacuum the living room, clean the bathroom, wash the car, mow the lawn, do the laundry,
          fold the laundry, iron the shirts, change the sheets, fix the tap, call mom, call grandma, email the teacher,
          renew the passport, return the library books, pick up the dry cleaning, pick up the kids, buy a present for sam,
          bake a cake, defrost the freezer, descale the kettle, check the smoke alarm, change the filter, take my pills,
          maths homework, science project, book report, spanish vocabulary, essay for school, expense report, weekly review,
          slides for monday, dentist forms, school uniform, call the bank, back up the laptop, order new tyres, tidy the shed,
          sort the recycling, wash the windows, polish the shoes, plan the party, write to aunt mary, read chapter four
        lists: shopping, grocery, groceries, to do, todo, chores, packing, party, birthday, christmas, wish, hardware store,
          pharmacy,
          camping, holiday, work, weekend, reading, gift, costco, butcher, garden, school, bucket, movie, household, errands
        timernames: pasta, eggs, egg, pizza, rice, laundry, bread, tea, coffee, chicken, cookies, cake, oven, steak, homework,
          nap, workout, dough, potatoes, break, screen time, dishwasher, parking, meditation, medicine, roast, soup, brownies
        events: dentist appointment, doctor's appointment, dinner with anna, lunch with the team, team meeting, swimming
          lesson,
          piano lesson, parents evening, birthday party, football practice, yoga class, haircut, car service, boiler service,
          vet appointment, book club, date night, school play, flight to madrid, concert, wedding, barbecue, dance recital,
          job interview, board meeting, choir practice, plumber visit, parcel delivery, chess club, tax deadline, trip to the
          zoo
        music: jazz, classical music, rock, pop, hip hop, lo fi beats, country music, some blues, techno, reggae, christmas
          songs,
          the beatles, queen, abba, beethoven, miles davis, taylor swift, adele, david bowie, bob marley, daft punk,
          fleetwood mac,
          bohemian rhapsody, thriller, yesterday, hey jude, imagine, hotel california, wonderwall, evening jazz, morning
          coffee,
          my favorites, my workout playlist, dinner party mix, sleep sounds, rain sounds, white noise, whale songs, the news,
          bbc radio four, radio paradise, the morning show, a podcast, the daily, an audiobook, harry potter, top hits
        cities: london, paris, berlin, madrid, rome, vienna, oslo, dublin, lisbon, athens, new york, boston, chicago, denver,
          seattle,
          toronto, sydney, auckland, tokyo, seoul, mumbai, cairo, nairobi, lagos, rio, lima, bogota, reykjavik, zurich, prague
        colors: turquoise, magenta, teal, lavender, coral, salmon, crimson, gold, amber, indigo, violet, mint, peach, ivory,
          beige,
          maroon, navy, olive, lime, cyan, aqua, sky blue, sea green, hot pink, dark red, light blue, pale yellow, forest
          green
        relations: mom, dad, mum, grandma, grandpa, my sister, my brother, my wife, my husband, my boss, my mother, my
          father, uncle bob
        """
}
