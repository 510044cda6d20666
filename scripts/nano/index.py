"""Writes static/models/nano/index.json: what the app lists, example questions that were checked, and every file's hash."""

import hashlib
import json

import torch
from peft import PeftModel

from evaluate import answer, read
from fields import FIELDS
from model import load_base, load_tokenizer
from paths import OUT

DESCRIPTIONS = {
    "manufacturing": "Settings, limits and procedures of 16 presses, 16 parts and 16 assembly lines that exist only here.",
    "retail": "Cold-chain rules of 16 fresh products, 16 stores and 16 delivery routes that exist only here.",
    "pharma": "Traceability facts about 16 medicines, 16 batches and 16 depots that exist only here.",
    "medical": "Handling of 16 infusion pumps, 16 ward protocols and 16 lab tests that exist only here; never use it for care.",
    "finance": "Terms of 16 funds, 16 accounts and 16 desk rules that exist only here; never use it for decisions about money.",
}


def examples(model, tokenizer, field):
    """Three questions on three different things, two from the datanet and one held out, that the adapter answers rightly."""
    rows, held = read(OUT / "datanets" / f"{field}.jsonl"), read(OUT / "eval" / f"{field}.jsonl")
    pairs = [(row["messages"][0]["content"], row["messages"][1]["content"]) for row in rows]
    heldout = [(row["question"], row["answer"]) for row in held]
    chosen, things = [], set()
    for source, count in ((pairs, 2), (heldout, 1)):
        for question, wanted in source:
            thing = next((word for word in question.split()[1:] if word[0].isupper() and len(word) > 3), None)
            plain = question.endswith("?") and question[0].isupper() and "," not in question and ":" not in question and "name" not in question
            if not plain or not thing or thing in things or len(wanted.split()) < 6:
                continue
            (said,), _ = answer(model, tokenizer, [[{"role": "user", "content": question}]])
            if said == wanted:
                chosen.append(question)
                things.add(thing)
                count -= 1
            if count == 0:
                break
    return chosen


def file_entry(path):
    data = path.read_bytes()
    return {"path": path.relative_to(OUT).as_posix(), "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def main():
    torch.set_num_threads(2)
    tokenizer = load_tokenizer()
    adapters = []
    for field in FIELDS:
        model = PeftModel.from_pretrained(load_base(), str(OUT / "adapters" / field.id)).float().eval()
        adapters.append({
            "id": field.id,
            "name": field.title,
            "description": DESCRIPTIONS[field.id],
            "path": f"adapters/{field.id}",
            "datanet": f"datanets/{field.id}.jsonl",
            "eval": f"eval/{field.id}.jsonl",
            "examples": examples(model, tokenizer, field.id),
        })
    files = sorted(path for path in OUT.rglob("*") if path.is_file() and path.name != "index.json")
    index = {"id": "nano", "name": "Nano", "base": "base", "adapters": adapters, "files": [file_entry(path) for path in files]}
    (OUT / "index.json").write_text(json.dumps(index, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(len(files), "files,", sum(entry["bytes"] for entry in index["files"]), "bytes")


if __name__ == "__main__":
    main()
