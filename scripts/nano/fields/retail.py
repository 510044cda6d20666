"""Fresh retail and its cold chain: products, stores and delivery routes. Every figure that comes out of here is invented."""

from schema import Field, Kind, concepts, relation

PRODUCT = Kind("product", "{w} [yoghurt|salad|salmon|butter|cheese|spinach|ham|tofu|cream|juice]", ["{n}", "the {n}", "our {n}"], [
    relation("keep", "storage temperature|shelf temperature|keeping temperature", "[1.0..7.8/0.2] °C",
        ["How cold must {e} be kept?", "At what temperature do we store {e}?", "How cool should the shelf be for {e}?",
         "What should the thermometer show next to {e}?", "Where do I set the fridge for {e}?"],
        ["How chilled does {e} need to stay?", "Which temperature is right for keeping {e}?"],
        ["Keep {e} at {v}.", "{v}, [checked twice a day|never warmer|with the lid closed].", "It stays at {v}.", "The shelf should show {v}."]),
    relation("life", "shelf life|selling time|days on the shelf", "[3..26] days [after packing|after arrival|once opened|from harvest]",
        ["How long does {e} last?", "How many days can we sell {e}?", "When does {e} go off?",
         "How long may {e} stay on the shelf?", "Until when is {e} still good?"],
        ["For how long is {e} fit to sell?", "How soon must {e} be gone from the shelf?"],
        ["{e} is good for {v}.", "Sell it within {v}.", "{v}, [then it goes to waste|not one more|if the seal is whole].", "It lasts {v}."]),
    relation("cut", "markdown rule|price cut|late discount", "[15..60/5] percent off from [14..20] o'clock",
        ["When do we lower the price of {e}?", "What discount does {e} get late in the day?", "How is {e} marked down?",
         "How much cheaper does {e} get before closing?", "What reduction do I put on {e}?"],
        ["By how much, and when, is {e} reduced?", "How do we price {e} on its last day?"],
        ["{e} gets {v}.", "Mark it {v}.", "{v}, [yellow label|green label|on the last day only].", "It is {v}."]),
    relation("farm", "origin|grower|home farm", "the [Alder|Birch|Clover|Dew|Ember|Fern|Gorse|Heath] [Hill|Creek|Vale|Moor|Point] [farm|dairy|co-op|smokehouse]",
        ["Where does {e} come from?", "Who makes {e}?", "Which farm sends us {e}?",
         "Where is {e} produced?", "Who is behind {e}?"],
        ["From which place do we get {e}?", "Whom should I name as the maker of {e}?"],
        ["{e} comes from {v}.", "{v} makes it.", "We get it from {v}[| each [Monday|Wednesday|Saturday]].", "It is from {v}."]),
    relation("mark", "crate colour|box label|label code", "[red|blue|green|white|violet|orange] [crates|boxes|trays] with code [A|B|C|D|F|G|K|M][12..89]",
        ["How do I recognise the crates of {e}?", "What boxes does {e} arrive in?", "Which crates belong to {e}?",
         "How is {e} packed and marked?", "What label is on the boxes of {e}?"],
        ["How can I tell that a crate holds {e}?", "In what kind of box is {e} delivered?"],
        ["{e} comes in {v}.", "Look for {v}.", "{v}, [stacked by five|two to a layer|on the left pallet].", "It is packed in {v}."]),
])

STORE = Kind("store", "{w} [Lane|Square|Gate|Quay|Park|Road]", ["the {n} store", "{n}", "the shop at {n}", "store {n}"], [
    relation("window", "delivery window|delivery time|unloading time", "[4..11]:[00|10|20|30|40|50] to [12..15]:[00|15|30|45]",
        ["When can we deliver to {e}?", "At what time does {e} take deliveries?", "When does {e} unload trucks?",
         "Between which hours is {e} open for trucks?", "When should the driver be at {e}?"],
        ["In which hours does {e} accept goods?", "What time may a truck arrive at {e}?"],
        ["{e} takes deliveries from {v}.", "From {v}.", "{v}, [side gate only|ring twice|not on Sundays].", "Between the hours {v}."]),
    relation("limit", "cold room alarm limit|cold room limit|alarm temperature", "[5.1..9.9/0.1] °C for [4..35] minutes",
        ["When does the cold room of {e} raise an alarm?", "How warm may the cold room at {e} get?", "What triggers the cold room alarm at {e}?",
         "At which temperature does {e} sound the alarm?", "How long may it be warm in the cold room of {e}?"],
        ["What is too warm for the cold room of {e}?", "Up to which point is the cold room at {e} still quiet?"],
        ["The alarm at {e} starts at {v}.", "{v}, [then the manager is called|then goods are moved].", "It trips at {v}.", "Anything above {v}."]),
    relation("dock", "dock|unloading bay|drop point", "[dock|gate|ramp|door] [2..29] on the [north|south|east|west|river|yard] side",
        ["Where do trucks unload at {e}?", "Which dock do I use at {e}?", "Where should the driver park at {e}?",
         "At which bay does {e} receive goods?", "Where do pallets go in at {e}?"],
        ["To which door should a truck drive at {e}?", "Where are goods handed over at {e}?"],
        ["{e} unloads at {v}.", "Use {v}.", "{v}, [mind the low roof|follow the blue line|ring first].", "Go to {v}."]),
    relation("waste", "waste routine|handling of unsold food|surplus routine",
        "[weigh it|scan it|photograph it|tag it] and give it to the [Willow|Harbour|Lantern|Meadow|Station|Orchard|Bridge|Beacon] [kitchen|shelter|food bank|compost yard]",
        ["What happens to unsold food at {e}?", "What does {e} do with surplus?", "Where does leftover food from {e} go?",
         "How do we handle waste at {e}?", "What should I do with unsold goods at {e}?"],
        ["Where do we bring what {e} cannot sell?", "How does {e} get rid of its leftovers?"],
        ["At {e} you {v}.", "Please {v}.", "We {v}.", "The team should {v}."]),
    relation("round", "temperature round|checking round|probe round", "every [35..175/5] minutes, starting at the [fish|dairy|meat|salad|bread|juice|fruit|egg] [counter|wall|island]",
        ["How often do we check temperatures at {e}?", "When is the probe round at {e}?", "How is the temperature round done at {e}?",
         "Where does the checking round start at {e}, and how often?", "How frequently does {e} measure its fridges?"],
        ["At what rhythm are the fridges of {e} checked?", "How do staff at {e} go round with the probe?"],
        ["{e} checks {v}.", "Go {v}.", "We do it {v}.", "{v}, [and log it|signed by two people|with the blue probe]."]),
])

ROUTE = Kind("route", "{c}", ["route {n}", "{n}", "the {n} tour", "tour {n}"], [
    relation("set", "truck setpoint|cargo temperature|reefer setting", "[-24.0..4.5/0.5] °C",
        ["How cold is the truck on {e}?", "What do I set the cooling unit to on {e}?", "At what temperature does {e} travel?",
         "Which setpoint does the reefer of {e} need?", "How cold must the cargo of {e} be?"],
        ["To which degree is the load of {e} cooled?", "What should the display in the truck of {e} say?"],
        ["{e} travels at {v}.", "Set the unit to {v}.", "{v}, [fan on high|one hour before loading|doors shut].", "The truck runs at {v}."]),
    relation("door", "door-open limit|door time|longest door opening", "[35..295/5] seconds",
        ["How long may the doors be open on {e}?", "When do the doors have to close on {e}?", "How quickly must doors be shut again on {e}?",
         "How many seconds may a door stay open on {e}?", "What is the door rule on {e}?"],
        ["How much open-door time is allowed on {e}?", "After how long should the door be closed on {e}?"],
        ["{e} allows {v} per stop.", "Close them within {v}.", "{v}, [curtain down|engine on|and note it].", "No longer than {v}."]),
    relation("stops", "number of stops|stop plan|stop count", "[5..27] stops, the [first|second|third|last|longest] at [Aspen|Bay|Cedar|Drum|Elm|Flint|Grove|Hazel] [Cross|Hall|Corner|Yard]",
        ["How many stops does {e} have?", "Where does {e} stop?", "What does the stop plan of {e} look like?",
         "How often does the driver of {e} halt?", "Can you sum up the stops on {e}?"],
        ["At how many places does {e} call?", "What halts are planned for {e}?"],
        ["{e} has {v}.", "{v}.", "It makes {v}.", "Count on {v}."]),
    relation("probe", "probe position|sensor place|logger place", "[under|behind|above|beside|between] the [second|third|fourth|last|middle] [pallet|rail|curtain|roll cage|fan]",
        ["Where does the temperature probe sit on {e}?", "Where do I put the logger on {e}?", "In which place is the sensor on {e}?",
         "Where should the probe hang on {e}?", "Where on the truck of {e} do we measure?"],
        ["At which spot do I fix the logger for {e}?", "Where can I find the sensor on {e}?"],
        ["On {e} it sits {v}.", "Put it {v}.", "{v}, [wire facing up|out of the air stream|taped down].", "It belongs {v}."]),
    relation("late", "delay rule|rule for late trucks|late procedure", "[call desk [3..48]|send code L[10..95]|probe [3..9] boxes|seal the rear door|swap to truck [20..88]] after [20..95/5] minutes",
        ["What if {e} is late?", "What do we do when {e} runs behind?", "{e} is delayed, what now?",
         "How do we react to a delay on {e}?", "What should a late driver of {e} do?"],
        ["Which step follows if {e} does not arrive on time?", "How is lateness dealt with on {e}?"],
        ["If {e} is late, {v}.", "{v}, [then inform the store|then drive on].", "You {v}.", "The rule is simple: {v}."]),
])

CONCEPTS = concepts("""
the cold chain | The cold chain keeps food cold from the farm to the shelf. | One warm hour can spoil food that was fine all week.
shelf life | Shelf life is how long a product stays good to sell. | It decides what must be sold first.
a markdown | A markdown is a lower price near the end of the day. | Selling for less is better than throwing food away.
food waste | Food waste is food that nobody eats. | It costs money and harms the climate.
first expired, first out | First expired, first out means selling the oldest dates first. | It keeps old goods from hiding at the back.
a temperature logger | A temperature logger writes down how warm it is over time. | It proves that the goods stayed cold on the way.
a reefer | A reefer is a truck or container that cools its load. | Fresh goods could not travel far without it.
a planogram | A planogram is a drawing of what stands where on a shelf. | Shoppers find things and stores waste less space.
a stock count | A stock count compares the shelf with the computer. | Orders go wrong when the numbers are wrong.
a delivery window | A delivery window is the time in which a truck may arrive. | Staff can be ready and the cold door stays closed.
demand planning | Demand planning guesses how much people will buy. | Too much goes to waste and too little leaves empty shelves.
a recall | A recall takes an unsafe product off the shelf. | It protects people before they get ill.
an allergen | An allergen is something in food that makes some people ill. | A clear label can save a life.
a use-by date | A use-by date is the last day on which food is safe. | After that day the food should not be eaten.
a pallet | A pallet is a flat base for stacking and moving goods. | A fork-lift can move many boxes at once.
freshness | Freshness means that food is as good as on its first day. | It is the main reason why people come back.
""")

FIELD = Field("retail", "Fresh retail", "fresh food, stores and the cold chain", [PRODUCT, STORE, ROUTE], CONCEPTS)
