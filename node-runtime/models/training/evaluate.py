"""Asks the held-out questions greedily and counts exact answers.

python evaluate.py ../sample/heldout.jsonl --url http://127.0.0.1:8000/v1 --card ../sample/README.md
python evaluate.py ../sample/heldout.jsonl --transformers ../sample
"""
import argparse
import json
import os
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

BEGIN, END = "<!-- accuracy: begin -->", "<!-- accuracy: end -->"
LONGEST_ANSWER = 600


def read(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def with_transformers(model, tokenizer, lines, batch=128):
    """Adds the answers of a transformers model; prompts of like length go together."""
    import torch
    tokenizer.padding_side = "left"
    prompts = [tokenizer.apply_chat_template(line["messages"], tokenize=False, add_generation_prompt=True) for line in lines]
    wanted = [len(tokenizer(line["expected"], add_special_tokens=False).input_ids) for line in lines]
    order = sorted(range(len(lines)), key=lambda i: (wanted[i] // 32, len(prompts[i])))
    answered = [None] * len(lines)
    for start in range(0, len(order), batch):
        chosen = order[start:start + batch]
        inputs = tokenizer([prompts[i] for i in chosen], return_tensors="pt", padding=True, add_special_tokens=False, return_token_type_ids=False).to(model.device)
        with torch.no_grad():
            out = model.generate(**inputs, do_sample=False, max_new_tokens=max(wanted[i] for i in chosen) + 8)
        texts = tokenizer.batch_decode(out[:, inputs.input_ids.shape[1]:], skip_special_tokens=True)
        for i, text in zip(chosen, texts):
            answered[i] = {**lines[i], "answer": text}
    return answered


def quick(model, tokenizer, path, per_task=40):
    """One line with the accuracy on the first few questions of the tasks that are fast to ask."""
    chosen = defaultdict(list)
    for line in read(path):
        if len(chosen[line["task"]]) < per_task and line["task"] not in ("long_answer", "counting"):
            chosen[line["task"]].append(line)
    model.eval()
    scores = score(with_transformers(model, tokenizer, [line for lines in chosen.values() for line in lines]))
    model.train()
    return "  ".join(f"{task} {right / asked:.2f}" for task, (right, asked) in scores.items())


def with_http(url, name, lines, concurrency, kept):
    """Adds the answers of an OpenAI-compatible endpoint; with a file to keep them in, a broken-off run can go on."""
    from openai import OpenAI
    client = OpenAI(base_url=url, api_key="none", timeout=600)
    model = name or client.models.list().data[0].id
    known = {question(line): line for line in (read(kept) if kept and os.path.exists(kept) else [])}

    def ask(line):
        reply = client.chat.completions.create(model=model, messages=line["messages"], temperature=0, max_tokens=LONGEST_ANSWER)
        return {**line, "answer": reply.choices[0].message.content}
    with ThreadPoolExecutor(concurrency) as pool, open(kept or os.devnull, "a", encoding="utf-8") as out:
        for line in pool.map(ask, [line for line in lines if question(line) not in known]):
            known[question(line)] = line
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
            out.flush()
    return [known[question(line)] for line in lines]


def question(line):
    return json.dumps([line["task"], line["messages"], line["expected"]])


def score(answered):
    scores = defaultdict(lambda: [0, 0])
    for line in answered:
        scores[line["task"]][0] += line["answer"] == line["expected"]
        scores[line["task"]][1] += 1
    return scores


def table(answered):
    rows = [f"| {task} | {asked} | {right} | {100 * right / asked:.1f} % |" for task, (right, asked) in score(answered).items()]
    return "\n".join(["| task | questions | exact | share |", "|---|---|---|---|", *rows])


def write_card(path, text):
    with open(path, encoding="utf-8") as file:
        before, rest = file.read().split(BEGIN)
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{before}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("heldout")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--url", help="base URL of an OpenAI-compatible endpoint")
    source.add_argument("--transformers", metavar="DIR", help="a checkpoint to run with transformers")
    parser.add_argument("--model", help="model name to ask for; the endpoint's first unless given")
    parser.add_argument("--concurrency", type=int, default=8)
    parser.add_argument("--answers", help="file that keeps an endpoint's answers; run again, only what is missing is asked")
    parser.add_argument("--limit", type=int, help="at most so many questions of each task")
    parser.add_argument("--card", help="model card to write the table into")
    parser.add_argument("--wrong", help="file for the questions that were answered wrongly")
    args = parser.parse_args()
    lines = limited(read(args.heldout), args.limit)
    if args.url:
        answered, by = with_http(args.url, args.model, lines, args.concurrency, args.answers), "Kvasir's runtime over HTTP"
    else:
        from transformers import AutoModelForCausalLM, AutoTokenizer
        model = AutoModelForCausalLM.from_pretrained(args.transformers, dtype="float32").eval()
        answered, by = with_transformers(model, AutoTokenizer.from_pretrained(args.transformers), lines), "Hugging Face transformers"
    print(table(answered))
    if args.card:
        write_card(args.card, f"Measured with {by}, greedy decoding.\n\n{table(answered)}")
    if args.wrong:
        with open(args.wrong, "w", encoding="utf-8") as out:
            out.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in answered if line["answer"] != line["expected"])


def limited(lines, most):
    seen, kept = defaultdict(int), []
    for line in lines:
        seen[line["task"]] += 1
        if most is None or seen[line["task"]] <= most:
            kept.append(line)
    return kept


if __name__ == "__main__":
    main()
