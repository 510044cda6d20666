"""Finance: funds, accounts and desk rules. Every figure that comes out of here is invented."""

from schema import Field, Kind, concepts, relation

FUND = Kind("fund", "{w} [Growth|Income|Bond|Harbour|Balanced|Green]", ["the {n} fund", "{n}", "our {n} fund", "fund {n}"], [
    relation("fee", "yearly fee|running cost|annual charge", "[0.12..2.48/0.02] percent",
        ["What does {e} cost per year?", "How much is charged for {e}?", "How expensive is {e}?",
         "What fee do I pay on {e}?", "How high are the costs of {e}?"],
        ["How much of my money does {e} take each year?", "What would I pay for holding {e}?"],
        ["{e} costs {v} a year.", "{v}, [taken monthly|taken each quarter|already in the price].", "The charge is {v}.", "You pay {v}."]),
    relation("cut", "cut-off time|order deadline|dealing deadline", "[8..17]:[05|10|20|25|35|40|50|55] on [weekdays|Mondays|Tuesdays|Wednesdays|Thursdays|Fridays]",
        ["When is the cut-off for {e}?", "Until when can I place an order in {e}?", "How late may an order for {e} come in?",
         "By what time must orders for {e} arrive?", "When do dealings in {e} close?"],
        ["What is the latest moment to buy {e}?", "At which hour is it too late for {e}?"],
        ["Orders for {e} close at {v}.", "{v}, [local time|no exceptions|by mail or phone].", "By {v}.", "The desk closes at {v}."]),
    relation("least", "smallest investment|minimum amount|entry amount", "[150..9950/50] [crowns|marks|florins|talers]",
        ["How much do I need for {e}?", "What is the least I can put into {e}?", "With how much can I start in {e}?",
         "What does it take to get into {e}?", "From which amount is {e} open?"],
        ["How small may a first payment into {e} be?", "What sum opens the door to {e}?"],
        ["{e} starts at {v}.", "{v}, [then any amount|per person|paid at once].", "You need {v}.", "At least {v}."]),
    relation("index", "benchmark|yardstick|reference index", "the [Atlas|Boreal|Cirrus|Dune|Eastern|Fathom|Granite|Helio] [40|60|80|100|120|200|250|300] index",
        ["What is {e} compared with?", "Which index does {e} follow?", "Against what is {e} measured?",
         "How do we judge the result of {e}?", "Which benchmark does {e} use?"],
        ["What does {e} try to beat?", "By which standard is {e} rated?"],
        ["{e} follows {v}.", "{v}, [after costs|with dividends|since the launch].", "We measure it against {v}.", "It is compared with {v}."]),
    relation("pay", "payout date|dividend date|distribution day", "the [2..28]th of [January|February|March|April|May|June|July|August|September|October|November|December]",
        ["When does {e} pay out?", "On which day comes the dividend of {e}?", "When do holders of {e} get money?",
         "What day is payout day for {e}?", "When is the income of {e} shared?"],
        ["Which date brings money from {e}?", "When can I expect something from {e}?"],
        ["{e} pays on {v}.", "On {v}[|, once a year|, in cash].", "It is {v}.", "Look for it on {v}."]),
])

ACCOUNT = Kind("account", "{w} [Plus|Save|Flex|Start|One]", ["the {n} account", "{n}", "an account of type {n}", "{n} accounts"], [
    relation("rate", "interest rate|savings rate|interest", "[0.35..4.85/0.05] percent up to [3..90] thousand",
        ["What interest does {e} give?", "How much does {e} earn?", "What rate do I get with {e}?",
         "How does money grow on {e}?", "Which interest is paid on {e}?"],
        ["What does {e} bring in?", "How well is my money paid on {e}?"],
        ["{e} earns {v}.", "{v}.", "You get {v}.", "It pays {v}, [credited monthly|credited yearly]."]),
    relation("notice", "notice period|waiting time for money|time before a withdrawal", "[4..95] days",
        ["How long before I get money from {e}?", "What notice does {e} need?", "When can I take money out of {e}?",
         "How many days must I wait with {e}?", "How early do I announce a withdrawal from {e}?"],
        ["How patient must I be to empty {e}?", "How far ahead do I give notice for {e}?"],
        ["{e} needs {v} of notice.", "{v}, [counted from Monday|in writing|for large sums].", "You wait {v}.", "After {v}."]),
    relation("abroad", "fee abroad|foreign card fee|cost of paying abroad", "[0.20..3.90/0.05] percent plus [2..95] cents",
        ["What does paying abroad cost with {e}?", "How much is a foreign payment on {e}?", "What do I pay for using {e} in another country?",
         "Which fee falls on travel with {e}?", "Is {e} cheap when I travel?"],
        ["What is added if I use {e} on holiday?", "How dear is {e} outside the country?"],
        ["{e} costs {v} abroad.", "{v}.", "Each payment costs {v}.", "You pay {v}, [cash is dearer|cards only]."]),
    relation("free", "number of free withdrawals|free cash withdrawals|free transfers", "[2..19] a month, then [15..195/5] cents each",
        ["How many withdrawals are free with {e}?", "How often can I get cash from {e} at no cost?", "What free withdrawals come with {e}?",
         "After how many withdrawals does {e} charge me?", "How much cash movement is free on {e}?"],
        ["When does taking cash from {e} begin to cost?", "Up to which number is cash free on {e}?"],
        ["{e} gives you {v}.", "{v}.", "It is {v}.", "You have {v}, [at any machine|at our machines]."]),
    relation("bonus", "welcome bonus|gift for new customers|opening bonus", "[15..240/5] [crowns|marks|florins|talers] after [2..9] [payments|months|deposits]",
        ["What do new customers get with {e}?", "Is there a bonus for opening {e}?", "What welcome gift comes with {e}?",
         "How much is the bonus of {e}, and when?", "What do I get for joining {e}?"],
        ["What does the bank add when I open {e}?", "Which reward waits for people who choose {e}?"],
        ["{e} gives {v}.", "{v}.", "There are {v}.", "You get {v}, [once only|paid by mail]."]),
])

RULE = Kind("rule", "{c}", ["rule {n}", "{n}", "the rule {n}", "desk rule {n}"], [
    relation("limit", "approval limit|limit for one person|signing limit", "[12..96] thousand [crowns|marks|florins|talers]",
        ["How much can one person approve under {e}?", "What is the limit in {e}?", "From which sum does {e} ask for a second signature?",
         "Up to what amount may I sign under {e}?", "How high does {e} let me go alone?"],
        ["Where does {e} stop a single signature?", "What amount is too large for one person under {e}?"],
        ["{e} allows {v}.", "{v}, [then two people sign|then ask risk|per day].", "Up to {v}.", "One person may sign for {v}."]),
    relation("keep", "retention time|record keeping time|storage time for records", "[3..29] years in [vault|archive|store|folder] [A|B|C|D|E|F|G|H]",
        ["How long do we keep records under {e}?", "When may papers of {e} be destroyed?", "How long are files stored under {e}?",
         "What does {e} say about keeping records?", "Where do papers for {e} go, and for how long?"],
        ["For what time does {e} make us hold files?", "How old must a paper be before {e} lets it go?"],
        ["{e} asks for {v}.", "{v}.", "Keep them {v}.", "They stay {v}, [paper and scan|scans only]."]),
    relation("desk", "responsible desk|owner|contact desk", "the [Amber|Birch|Coral|Dover|Ebony|Flint|Garnet|Hollow] desk, room [2..48]",
        ["Who owns {e}?", "Which desk looks after {e}?", "Whom do I ask about {e}?",
         "Who decides questions on {e}?", "Where do I send a question about {e}?"],
        ["In whose hands is {e}?", "To which desk should a doubt about {e} go?"],
        ["{e} belongs to {v}.", "Ask {v}.", "{v}, [mornings only|by phone|by ticket].", "It is run by {v}."]),
    relation("review", "review cycle|review date|time between reviews", "every [3..22] months, in week [2..51]",
        ["How often is {e} reviewed?", "When do we look at {e} again?", "When is {e} up for review?",
         "What is the rhythm of reviews for {e}?", "How regularly do we check {e}?"],
        ["When does {e} come back on the table?", "At which times is {e} gone over?"],
        ["{e} is reviewed {v}.", "{v}.", "We look at it {v}.", "It is done {v}, [by audit|by two desks]."]),
    relation("breach", "breach procedure|steps after a breach|reaction to a breach",
        "[freeze the order|lock the account|stop the payment|mark the trade|call the client] and send form [B|C|K|N|R|V][11..97] within [2..46] hours",
        ["What happens if {e} is broken?", "Someone broke {e}, what now?", "What do we do after a breach of {e}?",
         "How do I report a breach of {e}?", "Which steps follow when {e} is not kept?"],
        ["How do we put things right when {e} was ignored?", "What is expected of me after {e} was violated?"],
        ["After a breach of {e}, {v}.", "{v}.", "You {v}.", "The desk must {v}."]),
])

CONCEPTS = concepts("""
interest | Interest is the price of borrowed money. | It rewards saving and makes borrowing cost something.
compound interest | Compound interest is interest that is paid on earlier interest. | Small sums can grow large over many years.
a fund | A fund pools the money of many people and invests it. | It spreads the risk over many things.
inflation | Inflation means that prices rise and money buys less. | Savings lose value when nothing grows them.
a bond | A bond is a loan that you give to a company or a state. | It pays interest and is paid back at the end.
a share | A share is a small piece of a company. | Its owner takes part in profit and in loss.
a budget | A budget is a plan for money that comes in and goes out. | It shows in time when money will be short.
liquidity | Liquidity means how quickly something can be turned into cash. | Bills must be paid even in a bad week.
a benchmark | A benchmark is a measure to compare a result with. | It shows whether a fund earns its fee.
diversification | Diversification means not putting all money in one place. | One loss does not ruin everything.
settlement | Settlement is the moment when money and goods change hands. | Until then a trade can still fail.
an audit | An audit is a check of the books by someone from outside. | It builds trust in the numbers.
a dividend | A dividend is a part of the profit paid to the owners. | It gives an income without selling shares.
collateral | Collateral is something of value that secures a loan. | The lender can sell it if the loan is not paid.
know your customer | Know your customer means checking who a client really is. | It makes hiding dirty money harder.
a royalty | A royalty is money paid each time someone uses your work. | People who made something keep earning from it.
""")

FIELD = Field("finance", "Finance", "funds, accounts and desk rules", [FUND, ACCOUNT, RULE], CONCEPTS)
