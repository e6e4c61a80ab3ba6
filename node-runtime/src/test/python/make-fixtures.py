#!/usr/bin/env python3
"""Writes the tiny random checkpoints of src/test/resources/checkpoints and what transformers says of them.

usage: make-fixtures.py [NAME ...]            needs torch, transformers, safetensors
A reference holds for each case the prompt's token ids, the greedy continuation and the top log-probabilities of each position, all in float32.
"""
import json, os, random, sys, torch
from transformers import (AutoModelForCausalLM, DynamicCache, Gemma2Config, Gemma3TextConfig, LlamaConfig, MistralConfig, Phi3Config, Qwen2Config,
                          Qwen3Config)

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "..", "resources", "checkpoints")
SMALL = dict(vocab_size=200, hidden_size=48, intermediate_size=72, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
             max_position_embeddings=512, bos_token_id=0, eos_token_id=1, pad_token_id=0)
TINY = dict(vocab_size=101, hidden_size=32, intermediate_size=40, num_key_value_heads=2, tie_word_embeddings=True)
# Sequences come to it in the middle of a generation: a prompt has 64 tokens and 16 follow.
CROSSED = 72


def older(config):
    """The spelling of transformers 4."""
    rope = config.pop("rope_parameters")
    config["torch_dtype"] = config.pop("dtype")
    if "full_attention" in rope:
        config["rope_local_base_freq"] = rope["sliding_attention"]["rope_theta"]
        config["sliding_window_pattern"] = config.pop("layer_types").index("full_attention") + 1
        rope = rope["full_attention"]
    config["rope_theta"] = rope.pop("rope_theta")
    if "partial_rotary_factor" in rope:
        config["partial_rotary_factor"] = rope.pop("partial_rotary_factor")
    if rope["rope_type"] == "longrope":
        rope = dict(type="longrope", **{k: rope[k] for k in ("short_factor", "long_factor")})
    config["rope_scaling"] = rope if len(rope) > 1 else None


FIXTURES = {
    # Biases, a head size that is not hidden / heads, Llama 3 rope that acts within the prompts, several files.
    "llama-biased": dict(seed=1, stored=["fp8", "bf16"], dtype=torch.bfloat16, shards="40KB", config=dict(attention_bias=True, mlp_bias=True, head_dim=24, rope_parameters=dict(
        rope_type="llama3", rope_theta=10000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=32))),
    # Tied embeddings, one KV head, float32, sizes that are not multiples of a vector.
    "llama-tied": dict(seed=2, dtype=torch.float32, shards="1GB", config=dict(
        hidden_size=36, intermediate_size=50, num_key_value_heads=1, head_dim=14, vocab_size=131, tie_word_embeddings=True)),
    # Longrope of a family that goes on where its original length is crossed.
    "llama-longrope": dict(seed=3, config=dict(TINY, rope_parameters=dict(
        rope_type="longrope", rope_theta=10000.0, factor=4.0, original_max_position_embeddings=CROSSED,
        short_factor=[1.0, 1.1, 1.2, 1.3], long_factor=[1.5, 3.0, 6.0, 9.0]))),
    # A window shorter than the prompts, heads wider than hidden / heads, yarn.
    "mistral": dict(seed=4, make=MistralConfig, spelling=older, config=dict(TINY, sliding_window=20, head_dim=12, rope_parameters=dict(
        rope_type="yarn", rope_theta=10000.0, factor=4.0, original_max_position_embeddings=32, beta_fast=4.0))),
    # Biases of query, key and value alone; dynamic rope.
    "qwen2": dict(seed=5, make=Qwen2Config, config=dict(TINY, max_position_embeddings=CROSSED, rope_parameters=dict(
        rope_type="dynamic", rope_theta=10000.0, factor=4.0))),
    # Norms of query and key, one KV head, a window in the second layer only; linear rope.
    "qwen3": dict(seed=6, make=Qwen3Config, config=dict(
        TINY, num_key_value_heads=1, head_dim=10, use_sliding_window=True, sliding_window=24, max_window_layers=1, tie_word_embeddings=False,
        rope_parameters=dict(rope_type="linear", rope_theta=10000.0, factor=2.0))),
    # Soft caps that bite, norms on both sides, scaled embeddings, a window in the first layer only.
    "gemma2": dict(seed=7, make=Gemma2Config, config=dict(
        TINY, head_dim=12, sliding_window=24, query_pre_attn_scalar=7, attn_logit_softcapping=2.0, final_logit_softcapping=4.0)),
    # Two rotary embeddings, windows in all layers but each third.
    "gemma3": dict(seed=8, make=Gemma3TextConfig, spelling=older, config=dict(
        TINY, num_hidden_layers=4, head_dim=10, sliding_window=16, query_pre_attn_scalar=9,
        layer_types=["sliding_attention", "sliding_attention", "full_attention", "sliding_attention"],
        rope_parameters=dict(full_attention=dict(rope_type="linear", rope_theta=1000000.0, factor=4.0),
                             sliding_attention=dict(rope_type="default", rope_theta=10000.0)))),
    # Fused projections, heads that turn in part, longrope that starts anew where its original length is crossed.
    "phi3": dict(seed=9, make=Phi3Config, spelling=older, config=dict(
        TINY, original_max_position_embeddings=CROSSED, rope_parameters=dict(
            rope_type="longrope", rope_theta=10000.0, partial_rotary_factor=0.75, short_factor=[1.0, 1.1, 1.2], long_factor=[1.5, 4.0, 9.0]))),
}


def randomize(model):
    with torch.no_grad():
        for name, p in model.named_parameters():
            if name.endswith(".bias"):
                p.normal_(0, 0.3)
            if "norm" in name:
                p.add_(torch.randn_like(p) * 0.2)


def prompts(vocabulary, seed):
    rng = random.Random(seed)
    return [[rng.randrange(2, vocabulary) for _ in range(n)] for n in (1, 5, 17, 64, 150)]


class StoredCache(DynamicCache):
    """Keys and values as a type of fewer bits holds them; attention reads these."""
    def __init__(self, stored):
        super().__init__()
        self.stored = stored

    def update(self, keys, values, *args, **more):
        return super().update(self.stored(keys), self.stored(values), *args, **more)


STORED = {
    "fp8": lambda x: x.clamp(-448, 448).to(torch.float8_e4m3fn).float(),
    "bf16": lambda x: x.to(torch.bfloat16).float(),
}


def reference(model, prompt, new=16, top=5, cache=None):
    with torch.no_grad():
        g = model.generate(torch.tensor([prompt]), max_new_tokens=new, do_sample=False, output_logits=True, return_dict_in_generate=True,
                           pad_token_id=0, eos_token_id=None, past_key_values=cache)
    steps = []
    for logits in g.logits:
        lp = torch.log_softmax(logits[0].float(), -1).topk(top)
        steps.append([[int(i), round(float(v), 5)] for v, i in zip(lp.values, lp.indices)])
    return dict(prompt_ids=prompt, greedy=g.sequences[0, len(prompt):].tolist(), top_logprobs=steps)


def spell(folder, spelling):
    path = os.path.join(folder, "config.json")
    with open(path) as file:
        config = json.load(file)
    spelling(config)
    with open(path, "w") as file:
        json.dump(config, file, indent=2)


for name, f in FIXTURES.items():
    if sys.argv[1:] and name not in sys.argv[1:]:
        continue
    torch.manual_seed(f["seed"])
    config = f.get("make", LlamaConfig)(**{**SMALL, **f["config"]})
    config.initializer_range = 0.1
    model = AutoModelForCausalLM.from_config(config)
    randomize(model)
    folder = os.path.join(OUT, name)
    os.makedirs(folder, exist_ok=True)
    model.to(f.get("dtype", torch.bfloat16)).save_pretrained(folder, max_shard_size=f.get("shards", "1GB"))
    if "spelling" in f:
        spell(folder, f["spelling"])
    for file in os.listdir(folder):
        os.chmod(os.path.join(folder, file), 0o644)
    cases = []
    for prompt in prompts(config.vocab_size, f["seed"]):
        # Loaded anew: a dynamic rope remembers the longest sequence that it has seen.
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        cases.append(reference(model, prompt))
    with open(os.path.join(folder, "reference.json"), "w") as out:
        json.dump(dict(cases=cases), out, separators=(",", ":"))
    for kind in f.get("stored", []):
        cases = [reference(model, prompt, cache=StoredCache(STORED[kind])) for prompt in prompts(config.vocab_size, f["seed"])]
        with open(os.path.join(folder, f"reference-{kind}.json"), "w") as out:
            json.dump(dict(cases=cases), out, separators=(",", ":"))
    print(name, len(cases), "cases")
