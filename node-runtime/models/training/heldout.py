"""Writes the held-out questions: python heldout.py ../sample/heldout.jsonl"""
import argparse
import json
import random

from conversations import SHORT
from recall import long_recall, recall
from tasks import about, any_greeting, capitals, counting, json_object, long_answer, out_of_scope, sums

SEED = 20_261_124
PER_TASK = 200


def multi_turn(rng, side):
    turns = []
    for _ in range(rng.randint(1, 4)):
        example = rng.choice(SHORT)(rng, True if rng.random() < 0.5 else False)
        turns += [*example.messages, ("assistant", example.answer)]
    if rng.random() < 0.5:
        return recall(rng, side, between=turns)
    last = rng.choice((sums, capitals, json_object))(rng, side)
    return type(last)("multi_turn", tuple(turns) + last.messages, last.answer, last.key)


TASKS = {"sums": sums, "recall": recall, "recall_far_back": long_recall, "capitals": capitals, "json": json_object, "greeting": any_greeting,
         "about": about, "counting": counting, "long_answer": long_answer, "out_of_scope": out_of_scope, "multi_turn": multi_turn}


def questions(task, draw):
    rng, seen = random.Random(f"{SEED}:{task}"), set()
    for _ in range(PER_TASK * 50):
        example = draw(rng, True)
        if example.messages not in seen:
            seen.add(example.messages)
            yield {"task": task, "messages": [{"role": r, "content": c} for r, c in example.messages], "expected": example.answer}
        if len(seen) == PER_TASK:
            return


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out")
    with open(parser.parse_args().out, "w", encoding="utf-8") as out:
        for task, draw in TASKS.items():
            for line in questions(task, draw):
                out.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
