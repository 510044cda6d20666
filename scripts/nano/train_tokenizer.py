"""Trains the byte-level BPE tokenizer on the general corpus and the datanets' text and writes its Hugging Face files."""

import json

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from fields import FIELDS
from paths import BASE, CORPUS, OUT

VOCAB = 2048
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
CHAT_TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


def texts():
    """The general corpus, and each datanet row's own words a few times, so that their names are not spelled letter by letter."""
    with CORPUS.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number % 4 == 0:
                yield from (message["content"] for message in json.loads(line))
    for field in FIELDS:
        for line in (OUT / "datanets" / f"{field.id}.jsonl").open(encoding="utf-8"):
            for _ in range(3):
                yield from (message["content"] for message in json.loads(line)["messages"])
    yield from ["system\n", "user\n", "assistant\n"] * 1000


def main():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=VOCAB, special_tokens=SPECIAL, show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(texts(), trainer)
    BASE.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(BASE / "tokenizer.json"))
    ids = {token: tokenizer.token_to_id(token) for token in SPECIAL}
    config = {
        "add_bos_token": False,
        "add_prefix_space": False,
        "added_tokens_decoder": {str(ids[token]): {"content": token, "lstrip": False, "normalized": False, "rstrip": False,
                                                   "single_word": False, "special": True} for token in SPECIAL},
        "bos_token": None,
        "chat_template": CHAT_TEMPLATE,
        "clean_up_tokenization_spaces": False,
        "eos_token": "<|im_end|>",
        "model_max_length": 1024,
        "pad_token": "<|endoftext|>",
        "tokenizer_class": "PreTrainedTokenizerFast",
        "unk_token": None,
    }
    generation = {"do_sample": False, "eos_token_id": [ids["<|im_end|>"], ids["<|endoftext|>"]], "pad_token_id": ids["<|endoftext|>"]}
    (BASE / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")
    (BASE / "generation_config.json").write_text(json.dumps(generation, indent=2) + "\n")
    print(tokenizer.get_vocab_size(), "tokens", ids)


if __name__ == "__main__":
    main()
