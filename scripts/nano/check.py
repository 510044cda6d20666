"""Checks the files of the demo without torch: rows, ids, held-out questions, sizes, hashes. Exits 1 at the first fault."""

import hashlib
import json
import re
import sys

from fields import FIELDS
from paths import OUT

LIMIT = 20 * 1024 * 1024


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def check_field(field, seen):
    rows, held = lines(OUT / "datanets" / f"{field}.jsonl"), lines(OUT / "eval" / f"{field}.jsonl")
    yield len(rows) >= 200, f"{field}: {len(rows)} rows"
    yield len({row["contributor"] for row in rows}) == 10, f"{field}: ten contributors"
    yield all(re.fullmatch(r"0x[0-9a-f]{40}", row["contributor"]) for row in rows), f"{field}: contributor ids"
    yield all(row["synthetic"] is True and row["licence"] == "CC-BY-4.0" and row["field"] == field for row in rows), f"{field}: metadata"
    yield [row["id"] for row in rows] == sorted({row["id"] for row in rows}), f"{field}: ids unique and sorted"
    answers = {row["id"]: row["messages"][1]["content"] for row in rows}
    yield all(answers.get(entry["row"]) == entry["answer"] for entry in held), f"{field}: held-out answers are the rows' answers"
    questions = {row["messages"][0]["content"] for row in rows}
    yield not questions & {entry["question"] for entry in held}, f"{field}: no held-out question among the rows"
    yield not questions & seen, f"{field}: no question of another datanet"
    seen |= questions


def check_index():
    index = json.loads((OUT / "index.json").read_text(encoding="utf-8"))
    listed = {entry["path"]: entry for entry in index["files"]}
    found = {path.relative_to(OUT).as_posix() for path in OUT.rglob("*") if path.is_file()} - {"index.json"}
    yield set(listed) == found, f"index lists every file: {set(listed) ^ found}"
    for path, entry in listed.items():
        data = (OUT / path).read_bytes()
        yield len(data) == entry["bytes"] and hashlib.sha256(data).hexdigest() == entry["sha256"], f"{path}: size and hash"
    yield sum(entry["bytes"] for entry in listed.values()) <= LIMIT, "size of all files"
    yield all(len(adapter["examples"]) == 3 for adapter in index["adapters"]), "three examples each"


def main():
    seen, count = set(), 0
    for checks in [*(check_field(field.id, seen) for field in FIELDS), check_index()]:
        for holds, what in checks:
            if not holds:
                sys.exit(f"fault: {what}")
            count += 1
    print(f"{count} checks hold")


if __name__ == "__main__":
    main()
