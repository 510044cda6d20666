"""Pharma and drug traceability: medicines, batches and depots. Every figure that comes out of here is invented."""

from schema import Field, Kind, concepts, relation

MEDICINE = Kind("medicine", "{w}", ["{n} tablets", "{n}", "the medicine {n}", "the {n} pack"], [
    relation("prefix", "batch prefix|lot prefix|batch code start", "[B|C|D|F|G|H|K|L|M|N|P|R|S|T][B|C|D|F|G|H|K|L|M|N|P|R|S|T][2..9]",
        ["How do batch numbers of {e} begin?", "What do the lot codes of {e} start with?", "Which letters open a batch number of {e}?",
         "How can I spot a batch of {e} by its code?", "With what does a lot number of {e} begin?"],
        ["What comes first in the batch code of {e}?", "By which prefix do I know a lot of {e}?"],
        ["Batches of {e} start with {v}.", "Look for {v}.", "{v}, [followed by six digits|then the year|then a dash].", "They begin with {v}."]),
    relation("store", "storage range|storage condition|keeping range", "[2..9] to [11..26] °C[|, dry|, dark|, upright]",
        ["How is {e} stored?", "At what temperature does {e} belong?", "How warm may {e} get in storage?",
         "What range must the fridge hold for {e}?", "Where do I keep {e}, and how warm?"],
        ["Under which conditions does {e} keep?", "Between which temperatures should {e} lie?"],
        ["{e} should stay at {v}.", "Keep it at {v}.", "{v}; [log any break|no freezing|use a probe].", "It is stored at {v}."]),
    relation("case", "case size|packs per case|case count", "[18..96/2] packs in [2..8] layers",
        ["How many packs of {e} are in a case?", "How is a case of {e} filled?", "What does a full case of {e} hold?",
         "How many boxes of {e} do we aggregate?", "How much {e} goes into one shipper?"],
        ["What number of packs makes a case of {e}?", "How full is a shipper of {e}?"],
        ["A case of {e} holds {v}.", "{v}.", "It is {v}, [one label on top|sealed twice|no mixed lots].", "Count {v}."]),
    relation("serial", "serial format|serial number form|form of the serial", "[11..19] [digits|signs|letters] ending in [A|E|H|J|K|Q|V|W|X|Z][1..9]",
        ["What does a serial of {e} look like?", "How long is the serial number on {e}?", "How are packs of {e} numbered?",
         "What form has the code on {e}?", "How do I check a serial number of {e}?"],
        ["How would you describe the serial on {e}?", "In which shape is the number on {e} printed?"],
        ["A serial of {e} has {v}.", "{v}.", "It has {v}, [printed in black|beside the code|never by hand].", "Expect {v}."]),
    relation("recall", "recall desk|recall contact|desk for recalls", "desk [11..98], line [Amber|Basil|Cobalt|Delta|Echo|Fjord|Gamma|Hazel]",
        ["Who handles a recall of {e}?", "Whom do I call if {e} is recalled?", "Which desk takes recalls of {e}?",
         "Where do we report a recall of {e}?", "{e} must come back, who is in charge?"],
        ["To whom should a recall of {e} go?", "Which contact is named for taking {e} back?"],
        ["Recalls of {e} go to {v}.", "Call {v}.", "{v}, [day and night|within one hour|and keep the packs].", "It is {v}."]),
])

BATCH = Kind("batch", "{c}", ["batch {n}", "{n}", "lot {n}", "the batch {n}"], [
    relation("expiry", "expiry date|use-by month|end of life", "the end of [January|February|March|April|May|June|July|August|September|October|November|December] [2031..2039]",
        ["When does {e} expire?", "Until when can {e} be used?", "How long is {e} good?",
         "What date is printed on {e}?", "Which month ends the life of {e}?"],
        ["When is {e} no longer valid?", "What is the last month for {e}?"],
        ["{e} expires at {v}.", "At {v}.", "It can be used until {v}.", "{v}, [as printed|checked twice|see the flap]."]),
    relation("site", "production site|filling site|place of origin", "the [Norra|Silvan|Merrow|Tolland|Brisk|Ashen|Calder|Penn] [plant|site|works|annex], line [2..17]",
        ["Where was {e} made?", "Which plant filled {e}?", "On which line was {e} packed?",
         "Where does {e} come from?", "What site produced {e}?"],
        ["In which place was {e} manufactured?", "Who filled and packed {e}?"],
        ["{e} was made at {v}.", "It comes from {v}.", "At {v}[|, on the [early|late|night] shift].", "{v} filled it."]),
    relation("state", "release state|status|release code", "[held|released|blocked|sampled|returned] under note [Q|R|S|T|V]-[104..989]",
        ["Is {e} released?", "What is going on with {e}?", "May we ship {e}?",
         "In what state is {e}?", "How far is the release of {e}?"],
        ["What has quality decided about {e}?", "How does {e} stand at the moment?"],
        ["{e} is {v}.", "It was {v}.", "{v}, [ask quality first|see the file|signed on paper].", "At the moment it is {v}."]),
    relation("count", "number of packs|batch size|pack count", "[1200..9800/20] packs",
        ["How many packs are in {e}?", "How big is {e}?", "What quantity does {e} have?",
         "How much was made in {e}?", "How many units does {e} count?"],
        ["What is the size of the run behind {e}?", "To how many packs does {e} add up?"],
        ["{e} has {v}.", "{v} in all.", "{v}, [less the samples|all serialised|none missing].", "We counted {v}."]),
    relation("place", "warehouse place|storage place|pallet place", "[aisle|row|cage|zone] [A|B|C|D|E|F|G|H|J], [level|bay|slot] [2..36]",
        ["Where is {e} now?", "Where do I find {e} in the warehouse?", "In which aisle is {e}?",
         "Where did we put {e}?", "At what place is {e} stored?"],
        ["To which slot should I walk for {e}?", "Where does {e} stand right now?"],
        ["{e} is in {v}.", "Go to {v}.", "{v}, [behind the net|under lock|next to the scale].", "You find it in {v}."]),
])

DEPOT = Kind("depot", "{w} [Point|Field|Harbour|Cross|Mill]", ["the {n} depot", "{n}", "depot {n}", "our depot at {n}"], [
    relation("scan", "scan station|scanning point|scan place", "[portal|tunnel|table|booth|bench] [2..31] with [red|green|blue|white] light",
        ["Where are packs scanned at {e}?", "Which station scans cases at {e}?", "Where do I verify codes at {e}?",
         "At what point does {e} read the codes?", "Where does scanning happen at {e}?"],
        ["In which spot are the codes read at {e}?", "To which scanner do I bring cases at {e}?"],
        ["{e} scans at {v}.", "Use {v}.", "{v}, [both sides|one case at a time|slowly].", "It is {v}."]),
    relation("fault", "procedure for a bad code|handling of scan faults|exception routine",
        "[set it aside|wrap it in foil|mark it with chalk|lock it away|move it to the cage] and file form [E|F|X|Y|Z][11..97]",
        ["What do we do with an unreadable code at {e}?", "A pack fails the scan at {e}, what now?", "How does {e} handle a bad code?",
         "What happens at {e} when a serial is unknown?", "How do I treat a scan fault at {e}?"],
        ["Which way do we go at {e} if a code cannot be read?", "A code is refused at {e}. How do I proceed?"],
        ["At {e} you {v}.", "Please {v}.", "{v}, [nothing else|then call quality|before the shift ends].", "Staff there {v}."]),
    relation("damp", "humidity limit|highest humidity|damp limit", "[38..69] percent over [2..12] hours",
        ["How humid may it get at {e}?", "What is too damp at {e}?", "When does the humidity at {e} count as too high?",
         "Which humidity does {e} allow?", "How much moisture is fine at {e}?"],
        ["Where does {e} draw the line for damp air?", "How dry does it have to be at {e}?"],
        ["{e} allows {v}.", "{v} at most.", "Up to {v}.", "No more than {v}, [then open a case|then start the dryer]."]),
    relation("back", "return window|time for returns|return period", "[4..29] days, [sealed|unopened|scanned|dry] packs only",
        ["How long can packs be returned to {e}?", "When is it too late for a return at {e}?", "What is the return rule at {e}?",
         "How many days do returns to {e} have?", "Until when does {e} take packs back?"],
        ["Within which time does {e} accept a return?", "How late may a pack come back to {e}?"],
        ["{e} takes returns for {v}.", "{v}.", "Within {v}.", "You have {v}."]),
    relation("seal", "seal type|truck seal|seal on outgoing trucks", "[steel|nylon|copper|paper|twin] seals, series [D|E|H|K|N|R|U|W]-[12..88]",
        ["Which seals does {e} use?", "How are trucks sealed at {e}?", "What seal goes on a truck leaving {e}?",
         "How do I know a seal from {e}?", "With what does {e} close its trucks?"],
        ["What do I look for on a truck sealed at {e}?", "By which seal do I recognise a load from {e}?"],
        ["{e} uses {v}.", "{v}.", "Trucks leave with {v}.", "Look for {v}, [two per door|one per door|and note the number]."]),
])

CONCEPTS = concepts("""
drug traceability | Drug traceability means knowing where each pack of medicine has been. | It keeps false medicine away from patients.
serialisation | Serialisation gives every pack its own number. | A pack with a wrong or repeated number can be found at once.
aggregation | Aggregation links the packs in a case to the number of the case. | One scan of the case is enough to know all its packs.
a batch number | A batch number names all packs that were made together. | If one pack is bad the others can be called back.
a data matrix | A data matrix is a small square code that holds the number of a pack. | A camera can read it even when it is very small.
a counterfeit | A counterfeit is a false product that looks like the real one. | A false medicine may hold nothing or may hold poison.
good distribution practice | Good distribution practice is a set of rules for storing and moving medicine. | Medicine must arrive as good as it left.
quarantine | Quarantine keeps goods apart until someone decides about them. | Nothing doubtful reaches a patient by mistake.
an expiry date | An expiry date says how long a medicine may be used. | Old medicine may be weak or unsafe.
a drug recall | A drug recall takes a medicine back from pharmacies and patients. | It stops harm before it spreads.
a tamper seal | A tamper seal shows whether a pack was opened. | You can see that nobody changed what is inside.
a stability test | A stability test watches how a medicine changes with time. | It tells how long and how warm the medicine may be kept.
a temperature excursion | A temperature excursion is a time outside the allowed range. | Some medicine stops working after it was too warm.
a wholesaler | A wholesaler buys from makers and sells to pharmacies. | Without one each pharmacy would order from every maker.
an audit trail | An audit trail is a record of who did what and when. | Mistakes and fraud can be found later.
verification | Verification asks a register whether the number of a pack is real. | A pharmacy can refuse a pack that is not known.
""")

FIELD = Field("pharma", "Pharma", "medicines, batches and traceability", [MEDICINE, BATCH, DEPOT], CONCEPTS)
