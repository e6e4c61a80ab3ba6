"""Puts examples together into whole conversations, and conversations into texts for training."""
import words
from recall import long_recall, noted, own_name, recall
from tasks import about, any_greeting, capitals, counting, greeting, json_object, long_answer, out_of_scope, polite, sums

SHARES = {sums: 26, recall: 24, capitals: 12, json_object: 13, any_greeting: 4, about: 5, counting: 3, long_answer: 1, out_of_scope: 8, polite: 2, noted: 2}
SHORT = (sums, capitals, json_object, greeting, about, out_of_scope, polite)


def draw_example(rng, side=False):
    task = rng.choices(list(SHARES), weights=list(SHARES.values()))[0]
    return task(rng, side)


def with_system(rng, messages):
    if messages[0][0] == "system" or rng.random() > 0.2:
        return messages
    return [("system", rng.choice(words.SYSTEMS))] + messages


def single(rng):
    example = draw_example(rng)
    return [example], with_system(rng, list(example.messages) + [("assistant", example.answer)])


def several(rng):
    """Two to seven examples in one conversation; a recalled fact is stated early and asked for late."""
    examples = [rng.choice(SHORT)(rng, False) for _ in range(rng.randint(1, 6))]
    turns = [turn for example in examples for turn in [*example.messages, ("assistant", example.answer)]]
    if rng.random() < 0.05:
        last = own_name(rng, False, between=turns)
        return examples + [last], with_system(rng, list(last.messages) + [("assistant", last.answer)])
    if rng.random() < 0.6:
        last = recall(rng, False, between=turns)
        before = []
        if rng.random() < 0.3 and last.messages[0][0] == "user":
            opening = greeting(rng, False) if rng.random() < 0.5 else sums(rng, False)
            before, examples = [*opening.messages, ("assistant", opening.answer)], [opening] + examples
        return examples + [last], with_system(rng, before + list(last.messages) + [("assistant", last.answer)])
    return examples, with_system(rng, turns)


def far_back(rng):
    example = long_recall(rng, False, longest=rng.choice([40, 60, 115]))
    return [example], with_system(rng, list(example.messages) + [("assistant", example.answer)])


def conversation(rng):
    """One training conversation: its examples and its messages."""
    return rng.choices([single, several, far_back], weights=[72, 24, 4])[0](rng)


def plain_text(rng):
    """Statements without a chat around them, for those who send a bare prompt."""
    lines = []
    for _ in range(rng.choice([1, 1, 2, 3])):
        task = rng.choice([sums, capitals, capitals, json_object])
        example = task(rng, False)
        lines.append(example.answer)
    return rng.choice([" ", "\n"]).join(lines)
