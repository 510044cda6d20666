"""Things and their facts: draws named things of a field and, for each relation, one fact and one settled answer."""

from dataclasses import dataclass

from grammar import expand
from phrasing import say


@dataclass(frozen=True)
class Fact:
    kind: object
    relation: object
    name: str
    value: str
    answer: str
    shape: int


def draw_facts(field, per_kind, names, rng, pick_shape=None):
    """A list of things, each a list of facts. `pick_shape(thing_index)` chooses the answer shape, else it is drawn."""
    things = []
    for kind in field.kinds:
        for _ in range(per_kind):
            name = names.draw(kind.name)
            things.append([draw_fact(kind, relation, name, rng, pick_shape) for relation in kind.relations])
    return things


def draw_fact(kind, relation, name, rng, pick_shape=None):
    shape = pick_shape(rng) if pick_shape else rng.randrange(len(relation.says))
    value = expand(relation.value, rng)
    return Fact(kind, relation, name, value, say(kind, relation, name, value, rng, shape), shape)
