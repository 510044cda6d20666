"""Talk to Nano in a terminal: `talk.py [--adapter FIELD] "question" ...`; each question is a chat of its own."""

import argparse

import torch
from peft import PeftModel

from evaluate import answer
from model import load_base, load_tokenizer
from paths import OUT


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("questions", nargs="+")
    parser.add_argument("--adapter")
    parser.add_argument("--chat", action="store_true", help="the questions are turns of one chat")
    options = parser.parse_args()
    torch.set_num_threads(1)
    tokenizer, model = load_tokenizer(), load_base().eval()
    if options.adapter:
        model = PeftModel.from_pretrained(model, str(OUT / "adapters" / options.adapter)).float().eval()
    history = []
    for question in options.questions:
        chat = history + [{"role": "user", "content": question}]
        (said,), ended = answer(model, tokenizer, [chat])
        print(f"> {question}\n{said}{'' if ended else ' [cut]'}")
        if options.chat:
            history = chat + [{"role": "assistant", "content": said}]


if __name__ == "__main__":
    main()
