"""Writes the general corpus: small natural English, made from seeds, that holds no fact of any datanet.

It teaches the language, the forms of questions and that different phrasings ask for the same thing: it has a world of its
own (other invented things with settled answers, each asked in many ways), notes to read an answer from, simple
explanations, small talk, and things that Nano has never heard of and says so.
"""

import json
import sys

import chat
import seeds
from datanets import all_datanets
from fields import FIELDS
from grammar import expand, sentence
from names import Names
from paths import CORPUS
from phrasing import ask, follow_up, say
from world import draw_facts

PER_KIND = 12  # known things per kind
CONVERSATIONS = 60_000


class Corpus:
    def __init__(self, forbidden):
        self.rng = seeds.rng("corpus")
        names = Names(seeds.rng("corpus-names"), forbidden)
        self.world = [(field, draw_facts(field, PER_KIND, names, seeds.rng("corpus-facts", field.id))) for field in FIELDS]
        self.strangers = Names(seeds.rng("stranger-names"), names.taken)

    def conversation(self):
        """A list of (user, assistant) turns."""
        rng = self.rng
        turns = []
        if rng.random() < 0.10:
            turns += self.small(chat.HELLO)
        # most talks are short; a few are long, so that far positions are trained too
        for _ in range(rng.choices([1, 2, 3, 10], [58, 26, 12, 4])[0]):
            turns += rng.choices([self.fact, self.stranger, self.note, self.concept, self.talk], [40, 13, 9, 20, 18])[0]()
        if rng.random() < 0.08:
            turns += self.small(chat.POLITE[:2])
        return turns

    def small(self, table):
        user, answers = self.rng.choice(table)
        return [(expand(user, self.rng), self.rng.choice(answers))]

    def talk(self):
        return self.small(self.rng.choices([chat.HELLO, chat.ABOUT, chat.POLITE, chat.BEYOND], [3, 6, 5, 4])[0])

    def fact(self):
        """A question about a known thing, sometimes followed by another about the same thing."""
        rng = self.rng
        _, things = rng.choice(self.world)
        facts = rng.choice(things)
        first = rng.choice(facts)
        turns = [(self.question(first), first.answer)]
        if rng.random() < 0.2:
            other = rng.choice(facts)
            turns.append((follow_up(other.relation, rng), other.answer))
        return turns

    def question(self, fact, held=None):
        held = self.rng.random() < 0.35 if held is None else held
        return ask(fact.kind, fact.relation, fact.name, self.rng, held=held)

    def stranger(self):
        """A question about a thing that nobody has told Nano about."""
        rng = self.rng
        kind = rng.choice(rng.choice(FIELDS).kinds)
        name = self.strangers.draw(kind.name)
        question = ask(kind, rng.choice(kind.relations), name, rng, held=rng.random() < 0.3)
        return [(question, sentence(rng.choice(chat.UNKNOWN).format(e=kind.mentions[0].format(n=name))))]

    def note(self):
        """A note with two or three facts about a stranger, then a question that one of them answers."""
        rng = self.rng
        kind = rng.choice(rng.choice(FIELDS).kinds)
        name = self.strangers.draw(kind.name)
        told = []
        for relation in rng.sample(kind.relations, rng.choice([2, 2, 3])):
            told.append((relation, expand(relation.value, rng)))
        lines = "; ".join(f"{rng.choice(relation.phrases)} {value}" for relation, value in told)
        relation, value = rng.choice(told)
        lead = rng.choice(["Note on", "From the sheet of", "My notes say about", "Here is what I know of"])
        question = ask(kind, relation, name, rng, held=rng.random() < 0.3)
        return [(f"{lead} {kind.mentions[0].format(n=name)}: {lines}. {question}", say(kind, relation, name, value, rng, 0))]

    def concept(self):
        rng = self.rng
        field = rng.choice(FIELDS)
        if rng.random() < 0.06:
            return [(expand(rng.choice(chat.FIELD_ASK), rng).format(f=field.title.lower()), rng.choice(chat.FIELD_SAY).format(about=field.about))]
        concept = rng.choice(field.concepts)
        term = {"c": concept.term, "s": concept.term.removeprefix("an ").removeprefix("a ").removeprefix("the "), "f": field.title.lower()}
        if rng.random() < 0.35:
            return [(sentence(expand(rng.choice(chat.CONCEPT_WHY), rng).format(**term)), concept.why)]
        turns = [(sentence(expand(rng.choice(chat.CONCEPT_ASK), rng).format(**term)), concept.is_)]
        if rng.random() < 0.25:
            turns.append((rng.choice(chat.FOLLOW_WHY), concept.why))
        return turns


def messages(turns, rng):
    out = [{"role": "system", "content": rng.choice(chat.SYSTEM)}] if rng.random() < 0.08 else []
    for user, assistant in turns:
        out += [{"role": "user", "content": user}, {"role": "assistant", "content": assistant}]
    return out


def main(count):
    datanets, forbidden = all_datanets()
    held_out = {held for entries in datanets.values() for _, held, _ in entries}
    corpus, rng = Corpus(forbidden), seeds.rng("corpus-system")
    CORPUS.parent.mkdir(parents=True, exist_ok=True)
    with CORPUS.open("w", encoding="utf-8") as out:
        for _ in range(count):
            turns = corpus.conversation()
            assert not held_out & {user for user, _ in turns}
            out.write(json.dumps(messages(turns, rng), ensure_ascii=False) + "\n")
    print(f"{count} conversations, {CORPUS.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else CONVERSATIONS)
