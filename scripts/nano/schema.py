"""The nouns of the corpus: a field has kinds of things, a kind has relations, a relation has many ways to be asked."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Relation:
    id: str
    phrases: list  # noun phrases for the asked property, used by the generic frames
    value: str  # grammar that draws the fact
    asks: list  # question frames that a datanet and its adapter may use
    held: list  # question frames kept for the general corpus and the evaluation, never shown to an adapter
    says: list  # answer shapes; {e} the thing, {v} the fact


@dataclass(frozen=True)
class Kind:
    id: str
    name: str  # grammar of its names: {w} an invented word
    mentions: list  # how people refer to it; the first is the careful form, used in answers
    relations: list


@dataclass(frozen=True)
class Concept:
    term: str
    is_: str
    why: str


@dataclass(frozen=True)
class Field:
    id: str
    title: str
    about: str
    kinds: list
    concepts: list


def relation(id, phrases, value, asks, held, says):
    return Relation(id, phrases.split("|"), value, asks, held, says)


def concepts(table):
    """One concept a line: term | what it is | why it matters."""
    return [Concept(*(cell.strip() for cell in line.split("|"))) for line in table.strip().splitlines()]
