"""Facts that are stated somewhere in a conversation and asked for later."""
from dataclasses import dataclass

import words
from tasks import Example, introduction
from text import draw_value, fill, filler, on_side, pseudo_word, random_text, sentence_case, typed, DIGITS

STATEMENTS = ("{S} is {v}.", "{S} is {v}.", "{S} is {v}.", "{s} = {v}", "{s}: {v}", "{s} is {v}", "Remember that {s} is {v}.", "Remember: {s} is {v}.",
              "Note that {s} is {v}.", "Please remember {s}: {v}.", "Keep in mind that {s} is {v}.", "Store this: {s} is {v}.",
              "Please note: {s} is {v}.", "I tell you that {s} is {v}.", "Don't forget, {s} is {v}.", "By the way, {s} is {v}.")
QUESTIONS = ("What is {s}?", "What is {s}?", "What is {s}?", "What's {s}?", "{S}?", "Tell me {s}.", "Can you tell me {s}?", "What was {s}?",
             "Do you remember {s}?", "Recall {s}.", "Repeat {s}.", "What did I say {s} is?", "Give me {s}.", "I forgot {s}. What is it?",
             "Now tell me {s}.", "And what is {s}?", "Please tell me {s}.", "So what is {s}?", "Which is {s}?", "Say {s} again.")


@dataclass(frozen=True)
class Fact:
    subject: str  # without its article
    article: str  # "the ", "my " or ""
    value: str

    def key(self):
        return f"greet:{self.value}" if self.subject == "name" else f"value:{self.value}"

    def stated(self):
        return self.article + self.subject

    def addressed(self):
        return self.article.replace("my ", "your ") + self.subject


def draw_subject(rng):
    kind = rng.random()
    if kind < 0.45:
        return rng.choice(words.ATTRIBUTES), rng.choice(["the ", "the ", "my "])
    if kind < 0.5:
        return "name", "my "
    if kind < 0.75:
        thing = rng.choice(words.NOUNS) if rng.random() < 0.4 else rng.choice(words.ADJECTIVES) + " " + rng.choice(words.NOUNS)
        return f"{rng.choice(words.OBJECT_ATTRIBUTES)} {rng.choice(['of', 'for'])} the {thing}", "the "
    if kind < 0.85:
        name = rng.choice(words.NAMES) if rng.random() < 0.7 else pseudo_word(rng).capitalize()
        return f"{name}'s {rng.choice(words.ATTRIBUTES)}", ""
    name = pseudo_word(rng) + rng.choice(["", "", "_" + random_text(rng, DIGITS, 1, 2), random_text(rng, DIGITS, 1, 2)])
    return name, rng.choice(["", "", "the value of ", "the key "])


def draw_facts(rng, side, count):
    facts = {}
    while len(facts) < count:
        subject, article = draw_subject(rng)
        value = on_side(rng, side, draw_value, lambda v: f"value:{v}")
        if subject == "name":
            value = on_side(rng, side, lambda r: r.choice(words.NAMES) if r.random() < 0.5 else pseudo_word(r).capitalize(), lambda v: f"greet:{v}")
        facts[subject] = Fact(subject, article, value)
    return list(facts.values())


def state(rng, fact, template=None):
    quote = rng.choice('"\'') if rng.random() < 0.1 else ""
    return fill(typed(rng, template or rng.choice(STATEMENTS)), s=fact.stated(), S=sentence_case(fact.stated()), v=quote + fact.value + quote)


def state_all(rng, facts, fillers):
    """All facts in one text, in one style, with other sentences between them."""
    template = rng.choice(STATEMENTS) if rng.random() < 0.6 else None
    lines = [state(rng, fact, template) for fact in facts] + [filler(rng) for _ in range(fillers)]
    rng.shuffle(lines)
    separator = rng.choice(["\n", " ", " "])
    if separator == " ":
        lines = [line if line[-1] in ".!?" else line + "." for line in lines]
    return separator.join(lines)


def acknowledge(facts):
    if len(facts) > 1:
        return "Noted."
    if facts[0].stated() == "my name":
        return f"Hello, {facts[0].value}! I am Kvasir's sample model. How can I help you?"
    return f"Noted: {facts[0].addressed()} is {facts[0].value}."


def question(rng, fact, known=True):
    """A question and its answer; people say "the key" of what they called "my key" before."""
    asked = fact
    if fact.article in ("the ", "my ") and " the " not in fact.subject and fact.subject != "name" and rng.random() < 0.2:
        asked = Fact(fact.subject, rng.choice(["the ", "my "]), fact.value)
    text = fill(typed(rng, rng.choice(QUESTIONS)), s=asked.stated(), S=sentence_case(asked.stated()))
    if not known:
        return text, f"You have not told me {asked.addressed()}."
    return text, f"{sentence_case(asked.addressed()) if asked.article else asked.subject} is {asked.value}."


def recall(rng, side, fillers=None, between=None):
    """`fillers` sentences go beside the facts; the turns of `between` go before the question where it has a turn of its own."""
    if fillers is None:
        fillers = rng.choice([0, 0, 0, 0, rng.randint(1, 4), rng.randint(2, 12)])
    count = rng.choice([1, 1, 2, 3, rng.randint(2, 8)])
    *facts, stranger = draw_facts(rng, side, count + 1)
    known = side or rng.random() > 0.07
    asked = rng.choice(facts) if known else stranger
    text, answer = question(rng, asked, known)
    stated = state_all(rng, facts, fillers)
    place = rng.random()
    if place < 0.12:
        messages = [("system", stated)] + list(between or ())
        if rng.random() < 0.5:
            messages[0] = ("system", rng.choice(words.SYSTEMS) + rng.choice(["\n", " "]) + stated)
    elif place < 0.45 or between:
        messages = [("user", stated), ("assistant", acknowledge(facts) if not fillers else "Noted.")] + list(between or ())
    else:
        gap = rng.choice(["\n", " ", "\n\n"])
        stated, text = stated + ("" if stated[-1] in ".!?" or "\n" in gap else "."), sentence_case(text)
        return Example("recall", (("user", stated + gap + text),), answer, asked.key())
    return Example("recall", tuple(messages) + (("user", text),), answer, asked.key())


def own_name(rng, side, between=()):
    """The user introduces themselves and asks for their name later."""
    hello = introduction(rng, side)
    name = hello.key.removeprefix("greet:")
    turns = [*hello.messages, ("assistant", hello.answer), *between]
    text = fill(typed(rng, rng.choice(QUESTIONS + ("Who am I?",))), s="my name", S="My name")
    return Example("recall", tuple(turns) + (("user", text),), f"Your name is {name}.", hello.key)


def noted(rng, side):
    """A fact that is only to be acknowledged."""
    facts = draw_facts(rng, side, rng.choice([1, 1, 1, 2, 3]))
    return Example("noted", (("user", state_all(rng, facts, 0)),), acknowledge(facts), facts[0].key())


def long_recall(rng, side, longest=115):
    """A fact far back: up to `longest` sentences (some 1,900 tokens) lie around it."""
    return recall(rng, side, fillers=rng.randint(25, longest))
