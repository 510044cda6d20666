"""Medical: devices, ward protocols and laboratory tests. Every figure that comes out of here is invented."""

from schema import Field, Kind, concepts, relation

DEVICE = Kind("device", "{w} [2..9]", ["the {n} pump", "{n}", "our {n} pump", "pump {n}"], [
    relation("flow", "highest flow rate|flow limit|top flow", "[85..995/5] ml per hour",
        ["How fast can {e} run?", "What is the most that {e} can deliver?", "How many millilitres does {e} give in an hour at most?",
         "Up to which rate can I turn {e}?", "How quickly does {e} pump at full speed?"],
        ["What rate must I never exceed on {e}?", "How far up does the rate of {e} go?"],
        ["{e} delivers up to {v}.", "{v}, [with the wide line only|locked above that|with a filter].", "At most {v}.", "It stops at {v}."]),
    relation("test", "calibration interval|calibration cycle|time between calibrations", "[5..30] [weeks|months], by [bench|team|room] [2..24]",
        ["How often is {e} calibrated?", "When does {e} go to calibration?", "Who calibrates {e}, and how often?",
         "How long is a calibration of {e} valid?", "After what time must {e} be tested again?"],
        ["In which rhythm is {e} checked against the standard?", "When is {e} due for calibration again?"],
        ["{e} is calibrated every {v}.", "Every {v}.", "After {v}.", "It is due each {v}, [with a sticker|and logged]."]),
    relation("power", "battery time|running time without mains|battery life", "[55..595/5] minutes",
        ["How long does {e} run on battery?", "What happens if {e} is unplugged, how long does it last?", "How many minutes does the battery of {e} give?",
         "For how long can {e} work without mains?", "How much time do I have when {e} is moved?"],
        ["How soon must {e} be plugged in again?", "How far does one charge take {e}?"],
        ["{e} runs for {v}.", "{v} with a full charge.", "{v}, [less with the heater|then it beeps|at low flow].", "You have {v}."]),
    relation("alarm", "alarm steps|reaction to an occlusion alarm|alarm routine",
        "[clamp the line|check the drip chamber|open the door|lift the bag|flush with [3..18] ml] and press [mute|hold|blue|reset|back] [twice|three times|for [2..9] seconds]",
        ["What do I do when {e} alarms?", "{e} is beeping, what is the first step?", "How do I clear an occlusion on {e}?",
         "Which steps follow an alarm on {e}?", "How should a nurse react to the alarm of {e}?"],
        ["{e} has stopped and beeps. How do I go on?", "How is an alarm on {e} dealt with?"],
        ["First {v}.", "On {e} you {v}.", "Please {v}.", "[Stay with the patient|Tell the patient], then {v}."]),
    relation("clean", "cleaning agent|wipe for cleaning|disinfectant", "[Oxal|Bremin|Cletan|Purvo|Sanil|Wedra|Ilmo|Tessol] [wipes|spray|foam] for [2..15] minutes",
        ["How do I clean {e}?", "What is used to disinfect {e}?", "Which wipes are right for {e}?",
         "What can I clean {e} with?", "How is {e} wiped down between patients?"],
        ["What may touch the housing of {e} for cleaning?", "By which means is {e} disinfected?"],
        ["Clean {e} with {v}.", "Use {v}.", "{v}, [never alcohol|power off|and let it dry].", "We take {v}."]),
])

PROTOCOL = Kind("protocol", "{w}", ["the {n} protocol", "{n}", "protocol {n}", "the ward protocol {n}"], [
    relation("first", "first step|opening step|starting action", "[raise the head by [15..60/5] degrees|take [2..6] tubes of blood|warm the room to [22..28] °C|give [40..240/10] ml of water|weigh the patient at [5..9] o'clock]",
        ["What is the first step of {e}?", "How does {e} begin?", "What do we do first under {e}?",
         "Where do I start with {e}?", "What opens {e}?"],
        ["With what does {e} get going?", "Which action leads {e}?"],
        ["{e} begins like this: {v}.", "First, {v}.", "You {v}.", "Start with this: {v}."]),
    relation("repeat", "repeat interval|observation interval|time between checks", "every [12..95] minutes for [2..36] hours",
        ["How often are checks done under {e}?", "How frequently do we observe a patient on {e}?", "When do I repeat the checks of {e}?",
         "At what interval does {e} ask for observation?", "How long do we keep checking under {e}?"],
        ["In which rhythm does {e} want us to look at the patient?", "How closely is a patient watched on {e}?"],
        ["{e} asks for checks {v}.", "{v}.", "We look {v}.", "Repeat them {v}, [day and night|by the same nurse]."]),
    relation("stop", "stop limit|stopping rule|limit for stopping", "a [pulse|pressure|rate] [above|below] [38..175]",
        ["When do we stop {e}?", "What ends {e} early?", "At which value is {e} stopped?",
         "When must {e} be broken off?", "What reading means that {e} has to stop?"],
        ["Which sign tells us to give up {e}?", "What is the limit at which {e} is ended?"],
        ["{e} stops at {v}.", "Stop at {v}.", "{v}, [measured twice|on the left arm|at rest].", "It ends with {v}."]),
    relation("call", "escalation contact|person to call|contact in trouble", "[bleep|pager|phone|line] [204..989]",
        ["Whom do I call if {e} goes wrong?", "Who helps with {e} at night?", "Which number belongs to {e}?",
         "Where do I get help with {e}?", "There is a problem with {e}, whom do I ring?"],
        ["How do I reach someone about {e}?", "Who should be told if {e} fails?"],
        ["For {e} use {v}.", "{v}, [day and night|after six|within five minutes].", "Ring {v}.", "Help is on {v}."]),
    relation("form", "chart form|record sheet|form", "the [white|yellow|green|pink|grey|blue] sheet [C|D|H|K|M|P|T]-[12..97]",
        ["Where do we write down {e}?", "Which form belongs to {e}?", "On what sheet is {e} recorded?",
         "What paper do I need for {e}?", "How is {e} documented?"],
        ["Where do the notes of {e} go?", "In which record does {e} end up?"],
        ["{e} is written on {v}.", "Use {v}.", "{v}, [in the front pocket|one per day|signed each shift].", "It goes on {v}."]),
])

TEST = Kind("test", "{w} [A|B|C|D]", ["the {n} test", "{n}", "test {n}", "the lab test {n}"], [
    relation("tube", "sample tube|tube|blood tube", "[amber|grey|lilac|teal|white|gold|navy|rose] tube, [1.5..8.5/0.5] ml",
        ["Which tube do I use for {e}?", "What do we draw blood into for {e}?", "Which colour is the tube of {e}?",
         "What tube does the lab want for {e}?", "How much blood does {e} need, and in what tube?"],
        ["Into which tube goes the blood for {e}?", "What do I take from the drawer for {e}?"],
        ["{e} needs one {v}.", "Take one {v}.", "One {v}, [mixed gently|filled to the line|kept upright].", "Use the {v}."]),
    relation("time", "turnaround time|time to result|waiting time", "[25..475/5] minutes",
        ["How long does {e} take?", "When do we get the result of {e}?", "How soon is {e} ready?",
         "How many minutes does the lab need for {e}?", "How long must a patient wait for {e}?"],
        ["After what time can I expect {e} back?", "How fast is the lab with {e}?"],
        ["{e} takes {v}.", "{v}, [half of that if urgent|longer at night|from arrival].", "The result is there after {v}.", "Count on {v}."]),
    relation("range", "normal range|reference range|healthy range", "[11..49] to [52..148] units",
        ["What is normal for {e}?", "Which values of {e} are fine?", "When is {e} too high?",
         "What result of {e} counts as healthy?", "Between which values should {e} lie?"],
        ["How do I judge a value of {e}?", "Which numbers are nothing to worry about in {e}?"],
        ["{e} is normal from {v}.", "{v}.", "Anything from {v}.", "Healthy adults have {v}, [fasting|at rest|in the morning]."]),
    relation("carry", "transport condition|transport rule|way of transport", "[on ice|in foil|at room heat|in warm sand|on a cold pack] within [12..95] minutes",
        ["How does a sample of {e} travel?", "How do I send {e} to the lab?", "What must I mind when carrying {e}?",
         "How quickly must {e} reach the lab, and how?", "How is {e} transported?"],
        ["In what way does the sample of {e} get to the lab?", "How should the porter bring {e}?"],
        ["{e} travels {v}.", "Send it {v}.", "{v}, [by hand|no tube post|upright].", "It goes {v}."]),
    relation("prepare", "patient preparation|preparation|rule for the patient", "no [food|coffee|milk|sport|tea|salt|smoking|fruit] for [3..19] hours before",
        ["What must a patient do before {e}?", "How do patients prepare for {e}?", "What is forbidden before {e}?",
         "May a patient eat before {e}?", "How should I prepare someone for {e}?"],
        ["What do I tell a patient who comes for {e}?", "Which rule holds for the hours ahead of {e}?"],
        ["{e} asks for {v}.", "{v}.", "There is one rule: {v}.", "{v}, [water is fine|then rest|and tell the lab]."]),
])

CONCEPTS = concepts("""
triage | Triage sorts patients by how urgent their need is. | The sickest people are seen first.
a pulse | A pulse is the beat of the heart felt in an artery. | It shows how fast and how evenly the heart works.
blood pressure | Blood pressure is the force of blood on the walls of the vessels. | High pressure can harm the heart over many years.
an infusion pump | An infusion pump gives fluid into a vein at a set speed. | The right dose arrives at the right time.
a reference range | A reference range holds the values that healthy people have. | It helps to see whether a result is unusual.
informed consent | Informed consent means that a patient agrees after hearing the facts. | People decide about their own body.
hand hygiene | Hand hygiene means cleaning your hands before and after each patient. | It stops germs from moving between people.
a side effect | A side effect is something a drug does beside its purpose. | Knowing it helps people to stay safe.
a diagnosis | A diagnosis names the illness behind the signs. | The right treatment starts with the right name.
an allergy | An allergy is a strong reaction of the body to a harmless thing. | It can be dangerous if nobody knows about it.
sterile | Sterile means free of living germs. | Germs in a wound can cause an infection.
a handover | A handover passes what is known about a patient to the next shift. | Nothing important gets lost between two people.
a vaccine | A vaccine trains the body to fight an illness. | Many people stay well who would have been sick.
a placebo | A placebo is a treatment without an active part. | It shows what a real drug adds.
a dose | A dose is how much of a drug is taken at one time. | Too little does nothing and too much does harm.
fever | Fever is a body temperature above the usual. | It often shows that the body fights an infection.
""")

FIELD = Field("medical", "Medical", "devices, ward protocols and lab tests", [DEVICE, PROTOCOL, TEST], CONCEPTS)
