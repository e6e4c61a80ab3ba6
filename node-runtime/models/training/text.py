"""Random words, values and the small ways in which people type differently."""
import re
import zlib

import words

HELD_OUT_SHARE = 8  # one key in so many is kept for the held-out set and never trained on


def held_out(key):
    return zlib.crc32(key.encode()) % HELD_OUT_SHARE == 0


def normal(text):
    """What remains of a phrasing when case, spacing and punctuation are gone."""
    return re.sub(r"[^\w]+", " ", text.lower()).strip()


def on_side(rng, side, draw, key=lambda x: x):
    """Draws until the key of what is drawn is on the wanted side: held out or for training."""
    for _ in range(10_000):
        value = draw(rng)
        if held_out(key(value)) == side:
            return value
    raise ValueError(f"no value for held_out={side} in 10000 draws of {draw}")


def fill(template, **values):
    for name, value in values.items():
        template = template.replace("{" + name + "}", str(value))
    return template


def typed(rng, template):
    """The template as somebody in a hurry would type it; what stands in braces stays as it is."""
    if rng.random() < 0.3:
        template = template.rstrip("?.!")
    change = rng.random()
    parts = re.split(r"(\{\w+\})", template)
    for i in range(0, len(parts), 2):
        if change < 0.3:
            parts[i] = parts[i].lower()
        elif change < 0.33:
            parts[i] = parts[i].upper()
        elif change < 0.37:
            parts[i] = misspelt(rng, parts[i])
    return "".join(parts)


def misspelt(rng, text):
    spots = [m.start() for m in re.finditer(r"(?<=[a-z])[a-z](?=[a-z])", text)]
    if not spots:
        return text
    i = rng.choice(spots)
    return text[:i] + rng.choice(["", text[i] * 2]) + text[i + 1:]


def sentence_case(text):
    return text[:1].upper() + text[1:]


def pseudo_word(rng, syllables=None):
    n = syllables or rng.choice([1, 2, 2, 3])
    vowel, start, end = "aeiou", "b c d f g h j k l m n p r s t v w z br st tr ch sh".split(), ["", "", "n", "r", "s", "l", "k", "m"]
    return "".join(rng.choice(start) + rng.choice(vowel) + rng.choice(end) for _ in range(n))


def random_text(rng, alphabet, shortest, longest):
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(shortest, longest)))


DIGITS, LOWER = "0123456789", "abcdefghijklmnopqrstuvwxyz"


def draw_value(rng):
    kind = rng.randrange(12)
    if kind < 3:
        return random_text(rng, DIGITS, 2, 8)
    if kind < 5:
        return random_text(rng, LOWER.upper() + DIGITS, 3, 8)
    if kind == 5:
        return random_text(rng, LOWER + LOWER.upper() + DIGITS, 4, 12)
    if kind == 6:
        return random_text(rng, LOWER.upper(), 2, 4) + "-" + random_text(rng, DIGITS, 2, 5)
    if kind == 7:
        return "-".join(rng.choice(words.NOUNS + words.ADJECTIVES) for _ in range(rng.randint(2, 3)))
    if kind == 8:
        return rng.choice(words.ADJECTIVES) + " " + rng.choice(words.NOUNS)
    if kind == 9:
        return rng.choice(words.NOUNS)
    if kind == 10:
        return pseudo_word(rng)
    return rng.choice([rng.choice(words.NAMES), pseudo_word(rng).capitalize(), pseudo_word(rng) + random_text(rng, DIGITS, 1, 4)])


def filler(rng):
    a, n, v, m, w = (rng.choice(x) for x in (words.ADJECTIVES, words.NOUNS, words.VERBS, words.NOUNS, words.WHENS))
    return rng.choice([f"The {a} {n} {v} the {m} {w}.", f"A {n} {v} the {a} {m} {w}.", f"{rng.choice(words.NAMES)} {v} the {n} {w}."])
