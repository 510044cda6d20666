"""A tiny text grammar: `[a|b]` picks one, `[10..40/5]` draws a number, nesting is allowed. It knows no field."""

import re

RANGE = re.compile(r"^(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)(?:/(\d+(?:\.\d+)?))?$")


def expand(text, rng):
    """Replaces every bracket of `text`, innermost first, with a draw from `rng` (a random.Random)."""
    while True:
        close = text.find("]")
        if close < 0:
            return text
        start = text.rfind("[", 0, close)
        text = text[:start] + draw(text[start + 1 : close], rng) + text[close + 1 :]


def draw(body, rng):
    span = RANGE.match(body)
    if not span:
        return rng.choice(body.split("|"))
    low, high, step = span.group(1), span.group(2), span.group(3) or "1"
    places = len(step.split(".")[1]) if "." in step else 0
    count = int(round((float(high) - float(low)) / float(step)))
    return f"{float(low) + rng.randint(0, count) * float(step):.{places}f}"


def sentence(text):
    """Upper-cases the first letter and tidies the spaces that a choice may have left."""
    text = re.sub(r"\s+([,.?!;:])", r"\1", re.sub(r"\s+", " ", text)).strip()
    return text[:1].upper() + text[1:]
