"""Trains the sample model on generated conversations; run again, it goes on from its last checkpoint.

python train.py --work DIR --out ../sample      (the tokenizer and heldout.jsonl are read from --out)
"""
import argparse
import json
import math
import os
import random
import time

import torch
from tokenizers import Tokenizer
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

import evaluate
from conversations import conversation, plain_text
from text import held_out, normal
from tokenizer import BOS, END, PAD, rendered

IGNORED = -100
LONGEST = 2048
MICRO_BATCH = 16_384  # padded tokens in one forward pass
SPREAD = {"cpu": 2, "cuda": 8}  # longest to shortest row of a pass: padding costs a CPU time, further passes cost a GPU time


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, help="folder of the tokenizer and heldout.jsonl; gets the weights")
    parser.add_argument("--work", required=True, help="folder of the checkpoint to go on from")
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--batch-tokens", type=int, default=8192)
    parser.add_argument("--learning-rate", type=float, default=3e-3)
    parser.add_argument("--hidden", type=int, default=256)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--evaluate-every", type=int, default=500)
    parser.add_argument("--save-every", type=int, default=250)
    parser.add_argument("--stop-after", type=float, default=math.inf, help="save and stop after so many seconds; --steps still sets the schedule")
    return parser.parse_args()


def llama(tokenizer, hidden, layers):
    return LlamaConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=hidden, intermediate_size=hidden * 5 // 2, num_hidden_layers=layers,
        num_attention_heads=hidden // 32, num_key_value_heads=2, head_dim=32, max_position_embeddings=LONGEST, rms_norm_eps=1e-5,
        tie_word_embeddings=True, bos_token_id=tokenizer.token_to_id(BOS), eos_token_id=tokenizer.token_to_id(END),
        pad_token_id=tokenizer.token_to_id(PAD), initializer_range=0.02)


class Batches(torch.utils.data.Dataset):
    """Batch number n depends on the seed and n alone, so a resumed run sees what an unbroken one would."""

    def __init__(self, tokenizer_file, heldout_file, steps, tokens, seed, spread):
        self.tokenizer_file, self.steps, self.tokens, self.seed, self.spread = tokenizer_file, steps, tokens, seed, spread
        self.heldout = {conversation_key([(m["role"], m["content"]) for m in line["messages"]]) for line in evaluate.read(heldout_file)}
        self.tokenizer = None

    def __len__(self):
        return self.steps

    def __getitem__(self, step):
        if self.tokenizer is None:
            self.tokenizer = Tokenizer.from_file(self.tokenizer_file)
        rng, rows, total = random.Random(f"{self.seed}:{step}"), [], 0
        while total < self.tokens:
            row = self.row(rng)
            if len(row[0]) <= LONGEST:  # longer ones are rare: nothing is cut, they are left out
                rows.append(row)
                total += len(row[0])
        return list(micro_batches(sorted(rows, key=lambda row: len(row[0])), self.tokenizer.token_to_id(PAD), self.spread))

    def row(self, rng):
        if rng.random() < 0.04:
            ids = self.tokenizer.encode(BOS + plain_text(rng) + END, add_special_tokens=False).ids
            return ids, ids
        messages = self.training_conversation(rng)
        ids = self.tokenizer.encode(rendered(messages), add_special_tokens=False).ids
        return ids, self.answers_only(ids)

    def training_conversation(self, rng):
        """No example with a held-out key, and no question that heldout.jsonl asks, however it came about."""
        while True:
            examples, messages = conversation(rng)
            for example in examples:
                assert not held_out(example.key), f"held-out example in training: {example}"
            if not any(conversation_key(messages[:i + 1]) in self.heldout for i, (role, _) in enumerate(messages) if role == "user"):
                return messages

    def answers_only(self, ids):
        """Labels: the assistant's turns up to their end token; each begins two tokens after <|assistant|> (a newline lies between)."""
        assistant, end = self.tokenizer.token_to_id("<|assistant|>"), self.tokenizer.token_to_id(END)
        labels, begin = [IGNORED] * len(ids), None
        for i, token in enumerate(ids):
            if token == assistant:
                begin = i + 2
            elif token == end and begin is not None:
                labels[begin:i + 1] = ids[begin:i + 1]
                begin = None
        return labels


def conversation_key(messages):
    return tuple((role, normal(content)) for role, content in messages)


def micro_batches(rows, pad, spread):
    """Rows of like length together, so that little is padding."""
    start = 0
    for i in range(1, len(rows) + 1):
        if i == len(rows) or (i + 1 - start) * len(rows[i][0]) > MICRO_BATCH or len(rows[i][0]) > spread * len(rows[start][0]):
            width = -(-len(rows[i - 1][0]) // 32) * 32
            yield (torch.tensor([ids + [pad] * (width - len(ids)) for ids, _ in rows[start:i]]),
                   torch.tensor([labels + [IGNORED] * (width - len(labels)) for _, labels in rows[start:i]]))
            start = i


def schedule(step, steps):
    """Warm up, hold, then fall to nothing over the last 40 per cent."""
    return min((step + 1) / 200, 1.0, (steps - step) / (0.4 * steps))


def train_step(model, optimizer, batches, device):
    counted = sum(int((labels[:, 1:] != IGNORED).sum()) for _, labels in batches)
    total = torch.zeros((), device=device)
    for ids, labels in batches:
        ids, labels = ids.to(device, non_blocking=True), labels.to(device, non_blocking=True)
        hidden = model.model(input_ids=ids, use_cache=False).last_hidden_state[:, :-1]
        wanted = labels[:, 1:] != IGNORED
        logits = model.lm_head(hidden[wanted])
        loss = torch.nn.functional.cross_entropy(logits, labels[:, 1:][wanted], reduction="sum") / counted
        loss.backward()
        total += loss.detach()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return total


def save_checkpoint(path, step, model, optimizer):
    torch.save({"step": step, "model": model.state_dict(), "optimizer": optimizer.state_dict()}, path + ".new")
    os.replace(path + ".new", path)


def save_model(model, folder):
    model.to(torch.bfloat16).save_pretrained(folder)
    path = os.path.join(folder, "config.json")
    with open(path, encoding="utf-8") as file:
        config = json.load(file)
    config.update(rope_theta=config["rope_parameters"]["rope_theta"], torch_dtype="bfloat16")  # as transformers 4 spells them
    config.pop("transformers_version", None)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(config, file, indent=2, sort_keys=True)
        file.write("\n")
    with open(os.path.join(folder, "generation_config.json"), "w", encoding="utf-8") as file:
        json.dump({"bos_token_id": config["bos_token_id"], "eos_token_id": [config["eos_token_id"]], "pad_token_id": config["pad_token_id"]}, file, indent=2)
        file.write("\n")


def main():
    args = arguments()
    torch.manual_seed(args.seed)
    torch.set_float32_matmul_precision("high")
    torch.backends.cuda.enable_cudnn_sdp(False)  # cuDNN plans attention anew for each new shape, and here they vary
    os.makedirs(args.work, exist_ok=True)
    checkpoint = os.path.join(args.work, "checkpoint.pt")
    tokenizer_file, heldout_file = os.path.join(args.out, "tokenizer.json"), os.path.join(args.out, "heldout.jsonl")
    data = Batches(tokenizer_file, heldout_file, args.steps, args.batch_tokens, args.seed, SPREAD[args.device])
    model = LlamaForCausalLM(llama(Tokenizer.from_file(tokenizer_file), args.hidden, args.layers)).to(args.device)
    matrices = [p for p in model.parameters() if p.dim() == 2]
    others = [p for p in model.parameters() if p.dim() != 2]
    optimizer = torch.optim.AdamW([{"params": matrices, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}], lr=args.learning_rate, betas=(0.9, 0.98))
    first = 0
    if os.path.exists(checkpoint):
        state = torch.load(checkpoint, map_location=args.device)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        first = state["step"]
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters on {args.device}, from step {first} to {args.steps}", flush=True)
    loader = torch.utils.data.DataLoader(data, batch_size=None, sampler=range(first, args.steps), num_workers=args.workers,
                                         prefetch_factor=8 if args.workers else None)
    tokenizer = AutoTokenizer.from_pretrained(args.out)
    began, mean, tokens = time.time(), None, 0
    for step, batches in enumerate(loader, first + 1):
        for group in optimizer.param_groups:
            group["lr"] = args.learning_rate * schedule(step - 1, args.steps)
        loss = train_step(model, optimizer, batches, args.device)
        tokens += sum(ids.numel() for ids, _ in batches)
        stopping = step == args.steps or time.time() - began > args.stop_after
        if step % 50 == 0 or stopping:
            mean = loss.item() if mean is None else 0.7 * mean + 0.3 * loss.item()
            print(f"step {step} loss {mean:.4f} {time.time() - began:.0f} s {tokens / (time.time() - began):.0f} tokens/s", flush=True)
        if step % args.save_every == 0 or stopping:
            save_checkpoint(checkpoint, step, model, optimizer)
        if step % args.evaluate_every == 0 and not stopping:
            print(evaluate.quick(model, tokenizer, heldout_file), flush=True)
        if stopping:
            break
    if step == args.steps:
        save_model(model, args.out)
        print(evaluate.table(evaluate.with_transformers(model.float(), tokenizer, evaluate.read(heldout_file))), flush=True)


if __name__ == "__main__":
    main()
