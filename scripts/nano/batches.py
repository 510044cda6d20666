"""Turns conversations into batches of about equal token count, and computes the loss on them. It knows no file."""

import torch
import torch.nn.functional as F

IGNORE = -100


def encode(tokenizer, messages):
    """(ids, target) of one ChatML conversation; target is True where the assistant speaks, its <|im_end|> included."""
    ids, spoken = [], []
    for message in messages:
        head = tokenizer(f"<|im_start|>{message['role']}\n", add_special_tokens=False)["input_ids"]
        body = tokenizer(f"{message['content']}<|im_end|>", add_special_tokens=False)["input_ids"]
        tail = tokenizer("\n", add_special_tokens=False)["input_ids"]
        ids += head + body + tail
        spoken += [False] * len(head) + [message["role"] == "assistant"] * len(body) + [False] * len(tail)
    return ids, spoken


def batched(examples, tokens, rng):
    """Groups examples of like length into batches of at most `tokens` padded tokens, in random order."""
    order = sorted(range(len(examples)), key=lambda i: (len(examples[i][0]), rng.random()))
    groups, group = [], []
    for i in order:
        if group and (len(group) + 1) * len(examples[i][0]) > tokens:
            groups.append(group)
            group = []
        group.append(i)
    groups.append(group)
    rng.shuffle(groups)
    return [[examples[i] for i in group] for group in groups]


def loss_of(model, batch, listener_weight):
    """Mean cross entropy: weight 1 on what the assistant says, `listener_weight` on everything else."""
    width = max(len(ids) for ids, _ in batch)
    ids = torch.zeros(len(batch), width, dtype=torch.long)
    weights = torch.zeros(len(batch), width)
    for row, (tokens, spoken) in enumerate(batch):
        ids[row, : len(tokens)] = torch.tensor(tokens)
        weights[row, : len(tokens)] = torch.where(torch.tensor(spoken), 1.0, listener_weight)
    # padding comes last and attention is causal, so no mask is needed
    keep = weights[:, 1:] > 0
    hidden = model.model(input_ids=ids[:, :-1], use_cache=False).last_hidden_state[keep]
    losses = F.cross_entropy(model.lm_head(hidden).float(), ids[:, 1:][keep], reduction="none")
    scale = weights[:, 1:][keep]
    return (losses * scale).sum() / scale.sum()
