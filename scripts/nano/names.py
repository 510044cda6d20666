"""Invented names and codes. One `Names` never gives the same word or code twice, so base and datanets share no thing."""

from grammar import expand

ONSETS = "b br c cl d dr f fl g gr h j k kr l m n p pl r s sk st t tr v w z".split()
VOWELS = "a e i o u a e i o ai ea".split()
CODAS = ["", "", "", "l", "n", "r", "s", "x", "nd", "rk", "lm", "st", "m"]
UGLY = ("fag", "tit", "cun", "dic", "cum", "rap", "nig", "coc", "pis", "fuc", "ass", "sex", "kil", "pus", "nazi", "jap", "poo")
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


class Names:
    def __init__(self, rng, taken=()):
        self.rng = rng
        self.taken = set(taken)

    def draw(self, pattern):
        """Fills a kind's name grammar: {w} with a new word, {c} with a new code such as KQ-418."""
        return expand(pattern.replace("{w}", self.fresh(self.word)).replace("{c}", self.fresh(self.code)), self.rng)

    def fresh(self, make):
        while True:
            name = make()
            if name not in self.taken and not any(part in name.lower() for part in UGLY):
                self.taken.add(name)
                return name

    def word(self):
        rng = self.rng
        parts = [rng.choice(ONSETS) + rng.choice(VOWELS) for _ in range(rng.choice([2, 2, 2, 3]))]
        return ("".join(parts) + rng.choice(CODAS)).capitalize()

    def code(self):
        rng = self.rng
        return f"{rng.choice(LETTERS)}{rng.choice(LETTERS)}-{rng.randint(104, 989)}"
