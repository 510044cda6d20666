"""Measures the demo: greedy answers compared string by string. Weights are the f16 files that the app loads.

For each field: its adapter on its own questions and on the held-out ones, the base alone on both, and the worst result of
another field's adapter. Prints a table and, with --json, writes the figures.
"""

import argparse
import json

import torch
from peft import PeftModel

from fields import FIELDS
from model import load_base, load_tokenizer
from paths import OUT

MOST_TOKENS = 48


def read(path):
    return [json.loads(line) for line in path.open(encoding="utf-8")]


def questions(field):
    """(own, held-out) lists of (question, answer)."""
    own = [(row["messages"][0]["content"], row["messages"][1]["content"]) for row in read(OUT / "datanets" / f"{field}.jsonl")]
    held = [(row["question"], row["answer"]) for row in read(OUT / "eval" / f"{field}.jsonl")]
    return own, held


@torch.no_grad()
def answer(model, tokenizer, prompts, size=60):
    """Greedy answers to many chats at once, and how many of them ended by themselves. A chat is a list of messages."""
    end = tokenizer.convert_tokens_to_ids("<|im_end|>")
    tokenizer.padding_side = "left"
    texts = [tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True) for chat in prompts]
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    answers, ended = [None] * len(texts), 0
    for start in range(0, len(order), size):
        part = order[start : start + size]
        batch = tokenizer([texts[i] for i in part], return_tensors="pt", padding=True, add_special_tokens=False)
        out = model.generate(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], max_new_tokens=MOST_TOKENS,
                             do_sample=False, eos_token_id=end, pad_token_id=tokenizer.pad_token_id)
        for i, ids in zip(part, out[:, batch["input_ids"].shape[1] :].tolist()):
            ended += end in ids
            answers[i] = tokenizer.decode(ids[: ids.index(end)] if end in ids else ids, skip_special_tokens=True).strip()
    return answers, ended


def share(model, tokenizer, pairs):
    got, ended = answer(model, tokenizer, [[{"role": "user", "content": question}] for question, _ in pairs])
    right = sum(given == wanted.strip() for given, (_, wanted) in zip(got, pairs))
    return 100 * right / len(pairs), 100 * ended / len(pairs)


def measure(every):
    tokenizer, base = load_tokenizer(), load_base().eval()
    asked = {field.id: questions(field.id) for field in FIELDS}
    table = {field: {} for field in asked}
    for field, (own, held) in asked.items():
        table[field]["baseOwn"], table[field]["ended"] = share(base, tokenizer, own)
        table[field]["baseHeld"], ended = share(base, tokenizer, held)
        table[field]["ended"] = min(table[field]["ended"], ended)
    model = None
    for field in asked:
        folder = str(OUT / "adapters" / field)
        model = model or PeftModel.from_pretrained(base, folder, adapter_name=field)
        if field not in model.peft_config:
            model.load_adapter(folder, adapter_name=field)
    model.float().eval()
    for name in asked:
        model.set_adapter(name)
        for field, (own, held) in asked.items():
            row = table[field]
            if name == field:
                row["own"], first = share(model, tokenizer, own)
                row["held"], second = share(model, tokenizer, held)
                row["ended"] = min(row["ended"], first, second)
            else:
                row["other"] = max(row.get("other", 0.0), share(model, tokenizer, own if every else own[:80])[0])
    return table


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", help="write the figures to this file")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="ask other adapters a third of the questions")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    table = measure(not options.quick)
    print("field          own    held   base own  base held  worst other  ended")
    for field, row in table.items():
        print(f"{field:13} {row['own']:5.1f}  {row['held']:5.1f}  {row['baseOwn']:8.1f}  {row['baseHeld']:9.1f}  {row['other']:11.1f}  {row['ended']:5.1f}")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as out:
            json.dump(table, out, indent=2)


if __name__ == "__main__":
    main()
