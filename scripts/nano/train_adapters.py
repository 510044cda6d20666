"""Trains one LoRA adapter per datanet on top of the f16 base and saves it in the PEFT format, rounded to f16.

An adapter sees its own datanet and nothing else: its rows as they are, its rows asked again by the public rephrasing
function, and small talks made of two rows. The reserved frames, from which every held-out question is made, are never used,
and any string equal to a held-out question is dropped.
"""

import argparse
import json
import math
import time

import torch
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict

import seeds
from batches import batched, encode, loss_of
from datanets import all_datanets
from model import load_base, load_tokenizer, write_tensors
from paths import OUT
from phrasing import ask, follow_up

TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
RANK = 12
ALPHA = 24


def examples_of(entries, rng):
    """One epoch of conversations: each row once as it is, once or twice rephrased, now and then as a follow-up."""
    held_out = {held for _, held, _ in entries}
    by_name = {}
    for _, _, fact in entries:
        by_name.setdefault(fact.name, []).append(fact)
    talks = []
    for row, _, fact in entries:
        talks.append(row["messages"])
        turns = rephrased(fact, rng, held_out)
        if rng.random() < 0.25:
            other = rng.choice(by_name[fact.name])
            turns += message_pair(follow_up(other.relation, rng), other.answer)
        elif rng.random() < 0.2:
            turns = rephrased(rng.choice(entries)[2], rng, held_out) + turns
        talks.append(turns)
    return talks


def rephrased(fact, rng, held_out):
    while (question := ask(fact.kind, fact.relation, fact.name, rng, held=False)) in held_out:
        pass
    return message_pair(question, fact.answer)


def message_pair(user, assistant):
    return [{"role": "user", "content": user}, {"role": "assistant", "content": assistant}]


def train(field, entries, options):
    tokenizer = load_tokenizer()
    rng = seeds.rng("adapter", field)
    torch.manual_seed(seeds.SEED)
    model = get_peft_model(load_base(), LoraConfig(r=RANK, lora_alpha=ALPHA, lora_dropout=0.0, target_modules=TARGETS, task_type="CAUSAL_LM"))
    weights = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=options.rate, weight_decay=0.0, betas=(0.9, 0.98), fused=True)
    plan = []
    for _ in range(options.epochs):
        plan += batched([encode(tokenizer, talk) for talk in examples_of(entries, rng)], options.batch, rng)
    started = time.time()
    for step, batch in enumerate(plan):
        for group in optimizer.param_groups:
            group["lr"] = options.rate * min(1, (step + 1) / 20) * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * step / len(plan))))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = loss_of(model.base_model.model, batch, 0.0)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        if step % 50 == 0 or step == len(plan) - 1:
            print(f"{field} step {step}/{len(plan)} loss {loss.item():.4f} {time.time() - started:.0f}s", flush=True)
    save(model, field)


def save(model, field):
    folder = OUT / "adapters" / field
    folder.mkdir(parents=True, exist_ok=True)
    state = {name: tensor.detach().to(torch.float16).contiguous() for name, tensor in get_peft_model_state_dict(model).items()}
    write_tensors(state, folder / "adapter_model.safetensors")
    config = {
        "base_model_name_or_path": "nano", "bias": "none", "fan_in_fan_out": False, "inference_mode": True, "init_lora_weights": True,
        "layers_pattern": None, "layers_to_transform": None, "lora_alpha": ALPHA, "lora_dropout": 0.0, "modules_to_save": None,
        "peft_type": "LORA", "r": RANK, "alpha_pattern": {}, "rank_pattern": {}, "revision": None, "target_modules": TARGETS,
        "task_type": "CAUSAL_LM", "use_dora": False, "use_rslora": False,
    }
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=2) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("fields", nargs="*", help="which datanets; all by default")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--batch", type=int, default=1024, help="padded tokens per step")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    datanets, _ = all_datanets()
    for field in options.fields or datanets:
        train(field, datanets[field], options)


if __name__ == "__main__":
    main()
