"""Manufacturing: presses, parts and assembly lines. Every figure that comes out of here is invented."""

from schema import Field, Kind, concepts, relation

PRESS = Kind("press", "{w} [2..9]", ["the {n} press", "{n}", "our {n} press", "press {n}"], [
    relation("heat", "mould temperature|mould heat setting|die temperature", "[142..238/2] °C",
        ["How hot should the mould be on {e}?", "At what temperature does {e} run its mould?", "How many degrees do we set on {e}?",
         "What [heat|temperature] do I dial in for the mould of {e}?", "The mould on {e} feels cool, what should it read?"],
        ["How warm does {e} keep its mould?", "Which heat do you want on the mould of {e}?"],
        ["{e} runs its mould at {v}.", "Set the mould to {v}[| and let it soak for [5..25/5] minutes].", "{v}, measured [at the gate|on the fixed half|near the sprue].", "It should read {v} before the first shot."]),
    relation("force", "clamp force|closing force|clamping limit", "[310..980/10] kN",
        ["How hard does {e} clamp?", "What force holds the tool shut on {e}?", "How many kilonewtons does {e} close with?",
         "Before I change the tool on {e}, what clamp force do I set?", "With what force does {e} close?"],
        ["How strongly is the tool held on {e}?", "How much force keeps {e} closed?"],
        ["{e} clamps with {v}.", "Close it with {v}, [never more|not a bit less].", "{v} is the figure on the plate.", "The tool is held with {v}."]),
    relation("oil", "hydraulic oil|oil grade|oil type", "[Senta|Borlo|Halvik|Trenol|Kesto|Umbra|Fellin|Garo] [22|32|46|68|100]",
        ["Which oil goes into {e}?", "What do we fill the hydraulics of {e} with?", "{e} needs topping up, which oil do I take?",
         "What oil does {e} use?", "Which grade of oil is right for {e}?"],
        ["What should I pour into the tank of {e}?", "With which oil do we refill {e}?"],
        ["{e} takes {v}.", "Fill it with {v}[| and nothing else].", "{v}, [forty|sixty|eighty|ninety] litres for a full change.", "We use {v} in that one."]),
    relation("alarm", "alarm procedure|steps after an alarm|reaction to a red lamp",
        "[drain the sump|vent the guide rail|close the feed valve|lock the carriage|open the rear guard], then [wait [3..14] minutes|call bay [2..19]|reset key [A|B|C|D|E]|lower the speed to [20..60/5] percent]",
        ["What do I do when {e} raises an alarm?", "{e} has stopped with a red lamp. What now?", "How do I clear an alarm on {e}?",
         "What comes first after {e} trips?", "The alarm on {e} is going, which steps follow?"],
        ["How should the crew react if {e} sounds its alarm?", "{e} went into alarm, how do we get it back?"],
        ["First {v}.", "On {e} you {v}.", "Stay calm: {v}.", "The crew should {v}."]),
    relation("check", "inspection interval|service interval|time between checks", "[130..970/10] [hours|shots]",
        ["How often is {e} inspected?", "When is the next service of {e} due after the last one?", "How long may {e} run between checks?",
         "After how much work do we inspect {e}?", "How frequently does {e} need service?"],
        ["How much running time lies between two inspections of {e}?", "When must {e} be looked at again?"],
        ["{e} is checked every {v}.", "Every {v}, [with the guards off|by the early shift|and the log is signed].", "After {v} at the latest.", "It gets a service each {v}."]),
])

PART = Kind("part", "{c}", ["part {n}", "{n}", "the {n} part", "the part {n}"], [
    relation("alloy", "alloy|material|base metal", "[Ferrox|Calmite|Dorium|Velast|Nickard|Sarnite|Ostral|Lumenal] [12..97]",
        ["What is {e} made of?", "Which metal do we use for {e}?", "From which alloy is {e} cut?",
         "What material should I order for {e}?", "Which stock do we machine {e} from?"],
        ["What sort of metal goes into {e}?", "Of which material does {e} consist?"],
        ["{e} is cut from {v}.", "It is made of {v}.", "{v}, [bar stock|plate|forged blanks|cast blanks].", "Order {v} for it."]),
    relation("tolerance", "bore tolerance|allowed deviation|tolerance", "[4..48] microns",
        ["How tight is the bore on {e}?", "How far may {e} be off?", "What deviation do we accept on {e}?",
         "How exact must the bore of {e} be?", "By how much can {e} differ and still pass?"],
        ["What error is still fine on {e}?", "How precise does {e} have to be?"],
        ["{e} may be off by {v}.", "Plus or minus {v}.", "{v} at most, [measured cold|taken at three points|after deburring].", "We accept {v}, no more."]),
    relation("torque", "bolt torque|tightening torque|final torque", "[11..94] Nm",
        ["How tight do the bolts of {e} go?", "What torque do I use on {e}?", "How many newton metres for the bolts on {e}?",
         "How firmly is {e} bolted down?", "To what torque do we fasten {e}?"],
        ["How hard should I tighten {e}?", "Where do I set the wrench for {e}?"],
        ["{e} is tightened to {v}.", "Use {v} in [two|three|four] passes.", "{v}, [dry threads|oiled threads|crosswise].", "Set the wrench to {v}."]),
    relation("coat", "surface coating|finish|coating", "[grey|black|amber|clear|blue|copper] [zinc|epoxy|nickel|wax|phosphate|ceramic]",
        ["What finish does {e} get?", "How is {e} coated?", "Which coating protects {e}?",
         "What do we put on the surface of {e}?", "How do we treat the outside of {e}?"],
        ["What covers the surface of {e}?", "With what is {e} coated?"],
        ["{e} is coated with {v}.", "It gets {v}, [one coat|two thin coats|baked for an hour].", "{v}, [nothing thicker|as drawn|on all faces].", "We finish it in {v}."]),
    relation("source", "supplier|source|origin", "the [Hallow|Brenn|Castor|Dunmere|Elk|Farrow|Grell|Ivory] [foundry|works|mill|forge] in hall [2..28]",
        ["Where does {e} come from?", "Who supplies {e}?", "From where do we get {e}?",
         "Which works makes {e} for us?", "Who sends us {e}?"],
        ["Whom do we buy {e} from?", "Where is {e} produced?"],
        ["{e} comes from {v}.", "We buy it from {v}.", "It is supplied by {v}[| every [Monday|Tuesday|Friday]].", "{v} makes it."]),
])

LINE = Kind("line", "{w}", ["the {n} line", "line {n}", "{n}", "the assembly line {n}"], [
    relation("cycle", "cycle time|takt time|time per piece", "[14..92] seconds",
        ["How long does one piece take on {e}?", "How fast does {e} cycle?", "How many seconds does {e} need for a piece?",
         "What takt do we run on {e}?", "How quickly does a unit pass {e}?"],
        ["How much time passes between two pieces on {e}?", "At which pace does {e} move?"],
        ["{e} needs {v} for each piece.", "One piece every {v}.", "{v}, [without rework|with two people|at full crew].", "It cycles in {v}."]),
    relation("start", "start-up routine|morning start|start procedure",
        "[purge the nozzles|warm the belts|home the arms|clear the trays|zero the scales|wake the cameras] and then run [3..24] [blank|test|slow|empty] [cycles|pieces]",
        ["How do I start {e} in the morning?", "What are the first steps when {e} is switched on?", "How is {e} brought up?",
         "What must happen before {e} makes good parts?", "How do we get {e} going after a weekend?"],
        ["What is done first when a shift begins on {e}?", "In which way do we bring {e} to life?"],
        ["First {v}.", "You {v}.", "On {e} we {v}.", "[Before anything else|Every morning], {v}."]),
    relation("slow", "bottleneck|slowest station|weak spot", "station [2..38], the [glue|screw|weld|press-fit|label|leak-test|paint] cell",
        ["Where does {e} slow down?", "Which station holds {e} back?", "What limits {e}?",
         "Where do pieces pile up on {e}?", "What is the slow spot of {e}?"],
        ["Where would you look first to speed {e} up?", "Which place is the brake on {e}?"],
        ["{e} is held back by {v}.", "Look at {v}.", "It is {v}.", "Pieces wait at {v}."]),
    relation("scrap", "reject limit|scrap limit|allowed scrap", "[0.4..4.8/0.1] percent [per shift|per day|per lot]",
        ["How much scrap is allowed on {e}?", "When do rejects stop {e}?", "What share of bad parts may {e} make?",
         "How many rejects are too many on {e}?", "At what scrap rate do we halt {e}?"],
        ["How much waste do we tolerate from {e}?", "Up to which reject rate may {e} keep running?"],
        ["{e} stops above {v}.", "No more than {v}.", "{v}, then [quality is called|the line leader decides|the shift halts].", "We allow {v}."]),
    relation("tool", "spare tool place|place of the spare gripper|storage spot for spares", "[rack|shelf|cage|drawer|locker] [A|B|C|D|E|F|G|H][2..40]",
        ["Where is the spare gripper of {e}?", "Where do we keep spares for {e}?", "In which place are the spare tools of {e}?",
         "Where can I find a new gripper for {e}?", "I need a spare for {e}, where do I look?"],
        ["Where are replacement tools for {e} stored?", "Where should I go to fetch spares of {e}?"],
        ["Spares for {e} are in {v}.", "Look in {v}.", "{v}, [behind the paint store|next to the scale|near the gate|on the left].", "We keep them in {v}."]),
])

CONCEPTS = concepts("""
cycle time | Cycle time is how long a machine needs to make one piece. | It tells you how many pieces a shift can make.
a bottleneck | A bottleneck is the slowest step of a line. | The whole line can only go as fast as its slowest step.
a tolerance | A tolerance is how far a size may be off and still be accepted. | Parts must fit together even when no part is perfect.
preventive maintenance | Preventive maintenance means servicing a machine before it breaks. | A planned stop costs less than a sudden one.
scrap | Scrap is material or parts that cannot be sold or repaired. | Every scrapped part wastes material, energy and time.
a work order | A work order says what to make, how many and by when. | It keeps people, machines and material in step.
torque | Torque is how strongly something is turned. | A bolt that is too loose falls out and one that is too tight breaks.
injection moulding | Injection moulding presses hot plastic into a closed mould. | It makes many equal parts in a short time.
quality control | Quality control checks that parts meet the drawing. | Finding a fault early is cheaper than finding it at the customer.
a digital twin | A digital twin is a computer model that follows a real machine. | You can test a change without stopping the real machine.
lean production | Lean production means making things with as little waste as possible. | Less waste means lower cost and shorter waiting.
a batch | A batch is a group of pieces made together. | If one piece is bad you know which others to check.
downtime | Downtime is the time in which a machine does not produce. | Nothing is earned while a machine stands still.
an alloy | An alloy is a metal mixed with other elements. | Mixing can make a metal harder, lighter or safer from rust.
calibration | Calibration compares an instrument with a known measure. | A gauge that is wrong makes every measurement wrong.
a spare part | A spare part replaces a part that wears out. | Having it on the shelf keeps a stop short.
""")

FIELD = Field("manufacturing", "Manufacturing", "machines, parts and assembly lines", [PRESS, PART, LINE], CONCEPTS)
