#!/usr/bin/env python3
"""Writes the tiny random checkpoints of src/test/resources/checkpoints and what transformers says of them.

usage: make-fixtures.py            needs torch, transformers, safetensors
A reference holds for each case the prompt's token ids, the greedy continuation and the top log-probabilities of each position, all in float32.
"""
import json, os, random, torch
from transformers import AutoModelForCausalLM, LlamaConfig

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "..", "resources", "checkpoints")
SMALL = dict(vocab_size=200, hidden_size=48, intermediate_size=72, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
             max_position_embeddings=512, bos_token_id=0, eos_token_id=1, pad_token_id=0)
FIXTURES = {
    # Biases, a head size that is not hidden / heads, Llama 3 rope that acts within the prompts, several files.
    "llama-biased": dict(seed=1, dtype=torch.bfloat16, shards="40KB", config=dict(attention_bias=True, mlp_bias=True, head_dim=24, rope_parameters=dict(
        rope_type="llama3", rope_theta=10000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=32))),
    # Tied embeddings, one KV head, float32, sizes that are not multiples of a vector.
    "llama-tied": dict(seed=2, dtype=torch.float32, shards="1GB", config=dict(
        hidden_size=36, intermediate_size=50, num_key_value_heads=1, head_dim=14, vocab_size=131, tie_word_embeddings=True)),
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


def reference(model, prompt, new=16, top=5):
    with torch.no_grad():
        g = model.generate(torch.tensor([prompt]), max_new_tokens=new, do_sample=False, output_logits=True, return_dict_in_generate=True,
                           pad_token_id=0, eos_token_id=None)
    steps = []
    for logits in g.logits:
        lp = torch.log_softmax(logits[0].float(), -1).topk(top)
        steps.append([[int(i), round(float(v), 5)] for v, i in zip(lp.values, lp.indices)])
    return dict(prompt_ids=prompt, greedy=g.sequences[0, len(prompt):].tolist(), top_logprobs=steps)


for name, f in FIXTURES.items():
    torch.manual_seed(f["seed"])
    config = LlamaConfig(**{**SMALL, **f["config"]})
    config.initializer_range = 0.1
    model = AutoModelForCausalLM.from_config(config)
    randomize(model)
    folder = os.path.join(OUT, name)
    os.makedirs(folder, exist_ok=True)
    model.to(f["dtype"]).save_pretrained(folder, max_shard_size=f["shards"])
    for file in os.listdir(folder):
        os.chmod(os.path.join(folder, file), 0o644)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    cases = [reference(model, p) for p in prompts(config.vocab_size, f["seed"])]
    with open(os.path.join(folder, "reference.json"), "w") as out:
        json.dump(dict(cases=cases), out, separators=(",", ":"))
    print(name, len(cases), "cases")
