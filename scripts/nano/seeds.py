"""Every seed of the recipe, and a random source for each use, so that one change never shifts another draw."""

import hashlib
import random

SEED = 20260


def rng(*labels):
    digest = hashlib.sha256("/".join(["payable-nano", str(SEED), *map(str, labels)]).encode()).digest()
    return random.Random(int.from_bytes(digest[:8], "big"))


def address(*labels):
    """A contributor id: the first 20 bytes of a hash, in lower-case hex. It belongs to nobody."""
    return "0x" + hashlib.sha256("/".join(["payable-nano", "contributor", *map(str, labels)]).encode()).hexdigest()[:40]
