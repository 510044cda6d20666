"""Writes the five datanets and their held-out questions.

A row asks about a thing that exists nowhere else. Ten contributors a datanet: each brings whole things, in unequal numbers,
and has a register and a favourite way to answer. The held-out question of a row uses a reserved frame.
"""

import json

import seeds
from fields import FIELDS
from names import Names
from paths import OUT
from phrasing import ask
from world import draw_fact

PER_KIND = 16
SHARES = [9, 8, 6, 6, 5, 4, 3, 3, 2, 2]  # things per contributor: 48 in all
REGISTERS = ["plain", "short", "lower", "polite", "plain", "greet", "short", "thanks", "plain", "hurry"]
LICENCE = "CC-BY-4.0"


def build(field, names):
    """[(row, held-out question, fact)] of one field, in row order."""
    rng = seeds.rng("datanet", field.id)
    owners = [who for who, share in enumerate(SHARES) for _ in range(share)]
    rng.shuffle(owners)
    entries = []
    for index, kind in enumerate(kind for kind in field.kinds for _ in range(PER_KIND)):
        name = names.draw(kind.name)
        for relation in kind.relations:
            # now and then a second person adds to a thing that somebody else brought
            who = owners[index] if rng.random() < 0.85 else rng.randrange(len(SHARES))
            shape = who % len(relation.says) if rng.random() < 0.55 else rng.randrange(len(relation.says))
            fact = draw_fact(kind, relation, name, rng, lambda _: shape)
            register = REGISTERS[who] if rng.random() < 0.6 else None
            entries.append((fact, who, ask(kind, relation, name, rng, register=register), ask(kind, relation, name, rng, held=True)))
    rng.shuffle(entries)
    return [(row(field, number, fact, who, question), held, fact) for number, (fact, who, question, held) in enumerate(entries, 1)]


def row(field, number, fact, who, question):
    return {
        "id": f"{field.id}-{number:04d}",
        "messages": [{"role": "user", "content": question}, {"role": "assistant", "content": fact.answer}],
        "contributor": seeds.address(field.id, who),
        "licence": LICENCE,
        "synthetic": True,
        "field": field.id,
    }


def all_datanets():
    """{field id: entries}, and the names that nobody else may use."""
    names = Names(seeds.rng("datanet-names"))
    return {field.id: build(field, names) for field in FIELDS}, names.taken


def write_lines(path, records):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8")


def main():
    datanets, _ = all_datanets()
    for field, entries in datanets.items():
        questions = {row["messages"][0]["content"] for row, _, _ in entries}
        assert len(questions) == len(entries), f"{field}: a question is asked twice"
        assert not questions & {held for _, held, _ in entries}, f"{field}: a held-out question is also a row"
        write_lines(OUT / "datanets" / f"{field}.jsonl", [row for row, _, _ in entries])
        write_lines(OUT / "eval" / f"{field}.jsonl", [
            {"id": f"{row['id']}-held", "row": row["id"], "question": held, "answer": row["messages"][1]["content"]}
            for row, held, _ in entries])
        print(field, len(entries), "rows")


if __name__ == "__main__":
    main()
