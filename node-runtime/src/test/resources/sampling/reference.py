"""Writes reference.json: what vLLM's penalties (its formulas, in torch) and transformers' min-p,
top-k and top-p make of random logits, in vLLM's order. Needs torch and transformers."""

import json

import torch
from transformers import (
    MinPLogitsWarper,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

VOCABULARY = 48


def penalized(logits, case):
    prompt = torch.bincount(torch.tensor(case["prompt"]), minlength=VOCABULARY) > 0
    counts = torch.bincount(torch.tensor(case["output"], dtype=torch.int64), minlength=VOCABULARY)
    seen = prompt | (counts > 0)
    r = torch.where(seen, torch.tensor(case["repetition"]), torch.tensor(1.0))
    logits = torch.where(logits > 0, logits / r, logits * r)
    logits = logits - case["frequency"] * counts
    return logits - case["presence"] * (counts > 0)


def kept(logits, case):
    scores = TemperatureLogitsWarper(case["temperature"])(None, logits[None])
    if case["min_p"] > 0:
        scores = MinPLogitsWarper(case["min_p"])(None, scores)
    if case["top_k"] > 0:
        scores = TopKLogitsWarper(case["top_k"])(None, scores)
    if case["top_p"] < 1:
        scores = TopPLogitsWarper(case["top_p"])(None, scores)
    return torch.nonzero(scores[0] > -float("inf")).flatten().tolist()


def main():
    g = torch.Generator().manual_seed(5)

    def draw(low, high):
        return round(low + (high - low) * torch.rand(1, generator=g).item(), 3)

    def ids(most):
        n = int(torch.randint(0, most, (1,), generator=g))
        return torch.randint(0, VOCABULARY, (n,), generator=g).tolist()

    cases = []
    for i in range(60):
        logits = torch.randn(VOCABULARY, generator=g) * draw(0.5, 6)
        case = {
            "prompt": ids(20) + [1],
            "output": ids(40),
            "repetition": 1.0 if i % 5 == 0 else draw(0.6, 1.9),
            "presence": 0.0 if i % 4 == 0 else draw(-2, 2),
            "frequency": 0.0 if i % 3 == 0 else draw(-2, 2),
            "temperature": draw(0.3, 2),
            "min_p": 0.0 if i % 3 == 1 else draw(0.01, 0.5),
            "top_k": 0 if i % 4 == 3 else int(torch.randint(1, 30, (1,), generator=g)),
            "top_p": 1.0 if i % 5 == 4 else draw(0.2, 0.99),
        }
        case["logits"] = [float(f"{x:.6g}") for x in logits.tolist()]
        after = penalized(torch.tensor(case["logits"]), case)
        case["penalized"] = [float(f"{x:.7g}") for x in after.tolist()]
        case["kept"] = kept(after, case)
        cases.append(case)
    with open("reference.json", "w") as out:
        out.write("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")


main()
