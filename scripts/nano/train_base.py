"""Trains the base from scratch on the general corpus alone and saves it rounded to f16. Checkpoints go to the scratch folder."""

import argparse
import json
import math
import random
import time

import torch

import seeds
from batches import batched, encode, loss_of
from model import load_tokenizer, new_model, save_base
from paths import CORPUS, WORK

LISTENER_WEIGHT = 0.1  # the user's words teach a little language; the assistant's words are what counts


def rate(step, steps, peak):
    warm = 60
    if step < warm:
        return peak * (step + 1) / warm
    return peak * (0.04 + 0.96 * 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm))))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--passes", type=float, default=1.0, help="passes over the corpus")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--batch", type=int, default=4096, help="padded tokens per step")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(seeds.SEED)
    rng = random.Random(seeds.SEED)

    tokenizer = load_tokenizer()
    with CORPUS.open(encoding="utf-8") as lines:
        examples = [encode(tokenizer, json.loads(line)) for line in lines]
    plan = []
    while len(plan) < options.passes * (total := len(batched(examples, options.batch, rng))):
        plan += batched(examples, options.batch, rng)
    plan = plan[: int(options.passes * total)]
    print(f"{len(examples)} conversations, {sum(len(ids) for ids, _ in examples)} tokens, {len(plan)} steps", flush=True)

    model = new_model()
    print(f"{sum(p.numel() for p in model.parameters())} parameters", flush=True)
    decay = [p for p in model.parameters() if p.dim() > 1]
    plain = [p for p in model.parameters() if p.dim() <= 1]
    optimizer = torch.optim.AdamW([{"params": decay, "weight_decay": 0.05}, {"params": plain, "weight_decay": 0.0}],
                                  lr=options.rate, betas=(0.9, 0.95), fused=True)
    started, seen, smooth = time.time(), 0, None
    for step, batch in enumerate(plan):
        for group in optimizer.param_groups:
            group["lr"] = rate(step, len(plan), options.rate)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = loss_of(model, batch, LISTENER_WEIGHT)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        seen += sum(len(ids) for ids, _ in batch)
        smooth = loss.item() if smooth is None else 0.95 * smooth + 0.05 * loss.item()
        if step % 20 == 0 or step == len(plan) - 1:
            took = time.time() - started
            print(f"step {step} loss {smooth:.3f} tokens {seen} {seen / took:.0f}/s {took:.0f}s", flush=True)
        if step % 200 == 199:
            torch.save(model.state_dict(), WORK / "base.pt")
    save_base(model)
    print(f"saved after {time.time() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
