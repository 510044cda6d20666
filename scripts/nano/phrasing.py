"""The rephrasing function: one question about one relation of one thing, said in many ways and registers.

`ask(..., held=True)` uses only the frames that are kept away from every datanet and every adapter's training; the general
corpus uses both sets, so the base learns that they mean the same.
"""

from grammar import expand, sentence

GENERIC = [
    "What is the {p} of {e}?", "What is the {p} for {e}?", "[Can|Could] you tell me the {p} of {e}?", "Do you know the {p} for {e}?",
    "{e}: what is the {p}?", "I need the {p} of {e}.", "Give me the {p} for {e}[|, please].", "Could you look up the {p} of {e}?",
    "For {e}, [what|which] {p} is on file?", "Remind me of the {p} for {e}.", "{p} for {e}?", "What {p} do we have for {e}?",
    "Please confirm the {p} of {e}.", "A colleague asked for the {p} of {e}. What is it?", "What do the notes say about the {p} of {e}?",
    "I am new here. What is the {p} for {e}?", "Tell me about the {p} of {e}.", "{e}, {p}?",
]
GENERIC_HELD = [
    "I forgot the {p} of {e}, what was it?", "Any idea what the {p} of {e} is?", "What should I write down as the {p} for {e}?",
    "I am looking for the {p} that goes with {e}.", "If someone asks me about the {p} of {e}, what do I say?",
    "Would you mind telling me the {p} of {e}?",
]
FOLLOW_UPS = ["And the {p}?", "What about the {p}?", "And its {p}?", "Thanks. And the {p}?", "What is its {p}?", "[Ok|Good|Fine], and the {p}?"]

SHORT = {"What is": "What's", "Where is": "Where's", "Who is": "Who's", "do not": "don't"}


def ask(kind, relation, name, rng, held=False, register=None):
    """One question in one register; `register` None draws it."""
    specific, generic = (relation.held, GENERIC_HELD) if held else (relation.asks, GENERIC)
    frame = rng.choice(specific if rng.random() < 0.55 else generic)
    mention = rng.choice(kind.mentions[:3] if rng.random() < 0.8 else kind.mentions).format(n=name)
    text = expand(frame, rng).replace("{p}", rng.choice(relation.phrases)).replace("{e}", mention)
    return colour(sentence(text), name, register or draw_register(rng), rng)


def follow_up(relation, rng):
    return expand(rng.choice(FOLLOW_UPS), rng).format(p=rng.choice(relation.phrases))


def draw_register(rng):
    return rng.choices(["plain", "lower", "greet", "polite", "thanks", "hurry", "short"], [10, 3, 2, 2, 1, 1, 3])[0]


def colour(text, name, register, rng):
    """Says the same sentence as another person would."""
    if register == "lower":
        return soften(text, name).rstrip("?.")
    if register == "greet":
        return rng.choice(["Hi, ", "Hello, ", "Hey, ", "Good morning, ", "Hi there, "]) + soften(text, name)
    if register == "polite" and text.endswith("?") and "lease" not in text:
        return text[:-1] + ", please?"
    if register == "thanks":
        return text + rng.choice([" Thanks.", " Thank you.", " Thanks a lot."])
    if register == "hurry":
        return rng.choice(["Quick question: ", "One more thing: ", "Short on time, ", "Just checking: "]) + soften(text, name)
    if register == "short":
        for long, short in SHORT.items():
            text = text.replace(long, short)
    return text


def soften(text, name):
    """Lower-cases the first letter unless a name or 'I' stands there."""
    return text if text.startswith((name, "I ")) else text[0].lower() + text[1:]


def say(kind, relation, name, value, rng, shape=None):
    """One answer; `shape` picks an answer shape, otherwise it is drawn."""
    frame = relation.says[shape] if shape is not None else rng.choice(relation.says)
    # {v} goes in after the choices are drawn: a fact is never redrawn.
    return sentence(expand(frame, rng).replace("{e}", kind.mentions[0].format(n=name)).replace("{v}", value))
