#!/usr/bin/env python3
"""Writes checkpoints in the layouts that AutoAWQ, GPTQModel, vLLM, transformers and llm-compressor use, and what transformers says of their weights.

usage: make-quantized.py [LAYOUT ...]                      the tiny ones of src/test/resources/checkpoints/quantized
       make-quantized.py --from IN --to OUT [LAYOUT ...]   any plain checkpoint; each layout gets OUT/LAYOUT, and OUT/LAYOUT-twin with the same weights in float32
needs torch, transformers, safetensors, numpy
Weights are rounded to nearest, nothing cleverer: what is tested is the layout. For the tiny ones the reference is in the fixture (reference.json),
for others write one of the twin with hf-reference.py.
"""
import argparse, json, os, random, shutil, tempfile, numpy as np, torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, LlamaConfig

HERE = os.path.dirname(os.path.abspath(__file__))
FIXTURES = os.path.join(HERE, "..", "resources", "checkpoints", "quantized")
E4M3 = torch.float8_e4m3fn


# Rounding. Each gives integers [N, K], scales and zeros [N, groups]; `group_of` is the group of each input.
def groups_of(columns, size):
    return torch.arange(columns) // (columns if size == -1 else size)


def shuffled_groups(columns, size, seed):
    order = torch.randperm(columns, generator=torch.Generator().manual_seed(seed))
    g = torch.empty(columns, dtype=torch.int64)
    g[order] = groups_of(columns, size)
    return g


def round_ints(w, group_of, bits, sym, scale_type, least_zero=0):
    n, count = w.shape[0], int(group_of.max()) + 1
    top = 2 ** bits - 1
    scales, zeros = torch.empty(n, count), torch.empty(n, count)
    for g in range(count):
        part = w[:, group_of == g]
        if sym:
            scales[:, g] = part.abs().amax(1).clamp(min=1e-5) * 2 / top
            zeros[:, g] = 2 ** (bits - 1)
        else:
            low, high = part.amin(1).clamp(max=0), part.amax(1).clamp(min=0)
            scales[:, g] = (high - low).clamp(min=1e-5) / top
            zeros[:, g] = (-low / scales[:, g]).round().clamp(least_zero, top)
    scales = scales.to(scale_type).float()
    q = (w / scales[:, group_of] + zeros[:, group_of]).round().clamp(0, top).to(torch.int32)
    return q, scales, zeros.to(torch.int32)


def dequantize(q, scales, zeros, group_of):
    return (q - zeros[:, group_of]).float() * scales[:, group_of]


def pack(values, bits, order=None):
    """Packs the last dimension into int32 words, low bits first; order[i] is the element of each word that goes to place i."""
    per = 32 // bits
    v = values.numpy().astype(np.uint32)
    v = np.pad(v, [(0, 0)] * (v.ndim - 1) + [(0, -v.shape[-1] % per)])
    v = v.reshape(*v.shape[:-1], -1, per)
    order = order or range(per)
    out = np.zeros(v.shape[:-1], dtype=np.uint32)
    for place, element in enumerate(order):
        out |= v[..., element] << np.uint32(bits * place)
    return torch.from_numpy(out.view(np.int32).copy())


# Layouts of one linear layer: (name, weight) -> (its tensors, the dequantized weight)
def awq(group):
    def layout(name, w):
        g = groups_of(w.shape[1], group)
        q, s, z = round_ints(w, g, 4, False, torch.float16)
        order = [0, 2, 4, 6, 1, 3, 5, 7]
        return {"qweight": pack(q.T.contiguous(), 4, order), "qzeros": pack(z.T.contiguous(), 4, order), "scales": s.T.contiguous().half()}, dequantize(q, s, z, g)
    return layout


def gptq(bits, group, sym, version, shuffle=None, empty_bias=False):
    def layout(name, w):
        n, k = w.shape
        g = groups_of(k, group) if shuffle is None else shuffled_groups(k, group, shuffle(name))
        q, s, z = round_ints(w, g, bits, sym, torch.float16, least_zero=1)
        tensors = {"qweight": pack(q, bits).T.contiguous(), "qzeros": pack((z - (1 if version == 1 else 0)).T.contiguous(), bits),
                   "scales": s.T.contiguous().half(), "g_idx": g.to(torch.int32)}
        if empty_bias:
            tensors["bias"] = torch.zeros(n, dtype=torch.float16)
        return tensors, dequantize(q, s, z, g)
    return layout


def round_floats(w, scale):
    q = (w / scale).clamp(-448, 448).to(E4M3)
    return q, q.float() * scale


def fp8_tensor(static=False, shape=()):
    def layout(name, w):
        scale = w.abs().max() / 448
        q, d = round_floats(w, scale)
        tensors = {"weight": q, "weight_scale": scale.reshape(shape)}
        if static:
            tensors["input_scale"] = torch.tensor(0.05).reshape(shape)
        return tensors, d
    return layout


def fp8_channel(scale_type=torch.float32):
    def layout(name, w):
        scale = (w.abs().amax(1, keepdim=True) / 448).to(scale_type)
        q, d = round_floats(w, scale.float())
        return {"weight": q, "weight_scale": scale}, d
    return layout


def fp8_block(scale_name, rows=128, columns=128):
    def layout(name, w):
        n, k = w.shape
        s = torch.empty(-(-n // rows), -(-k // columns))
        for i in range(s.shape[0]):
            for j in range(s.shape[1]):
                s[i, j] = w[i * rows:(i + 1) * rows, j * columns:(j + 1) * columns].abs().max() / 448
        q, d = round_floats(w, s.repeat_interleave(rows, 0)[:n].repeat_interleave(columns, 1)[:, :k])
        return {"weight": q, scale_name: s}, d
    return layout


def ct_packed(bits, group, sym, shuffle=None, shape_type=torch.int64):
    def layout(name, w):
        g = groups_of(w.shape[1], group) if shuffle is None else shuffled_groups(w.shape[1], group, shuffle(name))
        q, s, z = round_ints(w, g, bits, sym, torch.bfloat16)
        tensors = {"weight_packed": pack(q, bits), "weight_scale": s.bfloat16(), "weight_shape": torch.tensor(w.shape, dtype=shape_type)}
        if not sym:
            tensors["weight_zero_point"] = pack(z.T.contiguous(), bits).T.contiguous()
        if shuffle is not None:
            tensors["weight_g_idx"] = g.to(torch.int32)
        return tensors, dequantize(q, s, z, g)
    return layout


def ct_bytes(strategy, sym, static=False):
    def layout(name, w):
        g = groups_of(w.shape[1], -1)
        q, s, z = round_ints(w if strategy == "channel" else w.reshape(1, -1), groups_of(w.numel() if strategy == "tensor" else w.shape[1], -1), 8, sym, torch.bfloat16)
        q = q.reshape(w.shape)
        d = (q - z).float() * s
        tensors = {"weight": (q - 128).to(torch.int8), "weight_scale": (s if strategy == "channel" else s.reshape(1)).bfloat16()}
        if not sym:
            tensors["weight_zero_point"] = (z - 128).to(torch.int8).reshape(tensors["weight_scale"].shape)
        if static:
            tensors["input_scale"] = torch.tensor([0.05], dtype=torch.bfloat16)
        return tensors, d
    return layout


def plain(name, w):
    return None, w


# The same order for the parts of one stack, as a quantizer finds it, or one for each layer.
def by_input(name):
    stem = name.replace("k_proj", "q_proj").replace("v_proj", "q_proj").replace("up_proj", "gate_proj")
    return sum(map(ord, stem))


def by_name(name):
    return sum(map(ord, name))


def ct_config(*groups, format, ignore=("lm_head",), **more):
    return dict(quant_method="compressed-tensors", format=format, quantization_status="compressed", ignore=list(ignore), kv_cache_scheme=None, global_compression_ratio=None,
                config_groups={f"group_{i}": group for i, group in enumerate(groups)}, **more)


def ct_group(targets=("Linear",), activations=None, format=None, **weights):
    w = dict(num_bits=8, type="int", symmetric=True, strategy="channel", group_size=None, block_structure=None, dynamic=False, actorder=None, observer="minmax", observer_kwargs={})
    g = dict(targets=list(targets), weights={**w, **weights}, input_activations=activations, output_activations=None)
    return g if format is None else dict(g, format=format)


TOKENS = dict(num_bits=8, type="int", symmetric=True, strategy="token", dynamic=True)
FLOAT_TOKENS = dict(TOKENS, type="float")
FLOAT_STATIC = dict(num_bits=8, type="float", symmetric=True, strategy="tensor", dynamic=False)
AWQ = dict(quant_method="awq", bits=4, group_size=32, zero_point=True, version="gemm", modules_to_not_convert=None)
GPTQ = dict(quant_method="gptq", bits=4, group_size=32, desc_act=False, sym=True, lm_head=False, checkpoint_format="gptq", true_sequential=True, damp_percent=0.01)
not_head = lambda name: name != "lm_head"
in_mlp = lambda name: ".mlp." in name

# name: (dtype of the rest, [(which layers, layout)], where the config goes, config)
LAYOUTS = {
    "awq": (torch.float16, [(not_head, awq(32))], "quantization_config", AWQ),
    "awq-channel": (torch.float16, [(lambda n: not_head(n) and "v_proj" not in n, awq(-1))], "quant_config.json",
                    dict(w_bit=4, q_group_size=-1, zero_point=True, version="GEMM", modules_to_not_convert=["v_proj"])),
    "gptq": (torch.float16, [(not_head, gptq(4, 32, True, 1, empty_bias=True))], "quantization_config", GPTQ),
    "gptq-act-order": (torch.float16, [(not_head, gptq(4, 32, False, 1, by_input))], "quantize_config.json",
                       {k: v for k, v in dict(GPTQ, desc_act=True, sym=False).items() if k not in ("quant_method", "checkpoint_format")}),
    "gptq-orders-apart": (torch.float16, [(not_head, gptq(4, 32, True, 2, by_name))], "quantization_config", dict(GPTQ, desc_act=True, checkpoint_format="gptq_v2")),
    "gptq-int8": (torch.float16, [(not_head, gptq(8, 32, False, 2, by_input))], "quantization_config", dict(GPTQ, bits=8, desc_act=True, sym=False, checkpoint_format="gptq_v2")),
    "gptq-dynamic": (torch.float16, [(lambda n: "o_proj" in n, plain), (in_mlp, gptq(8, -1, True, 1)), (lambda n: True, gptq(4, -1, True, 1))], "quantization_config",
                     dict(GPTQ, group_size=-1, lm_head=True, dynamic={r"-:.*\.o_proj": {}, r"+:.*\.mlp\.": dict(bits=8)})),
    "fp8": (torch.bfloat16, [(lambda n: not_head(n) and "layers.0.self_attn.o_proj" not in n, fp8_tensor())], "quantization_config",
            dict(quant_method="fp8", activation_scheme="dynamic", ignored_layers=["lm_head", "model.layers.0.self_attn.o_proj"])),
    "fp8-static": (torch.bfloat16, [(not_head, fp8_tensor(static=True))], "quantization_config", dict(quant_method="fp8", activation_scheme="static", ignored_layers=["lm_head"])),
    "fp8-block": (torch.bfloat16, [(not_head, fp8_block("weight_scale_inv"))], "quantization_config",
                  dict(quant_method="fp8", activation_scheme="dynamic", fmt="e4m3", weight_block_size=[128, 128], modules_to_not_convert=["lm_head"])),
    "fbgemm": (torch.bfloat16, [(in_mlp, fp8_channel())], "quantization_config",
               dict(quant_method="fbgemm_fp8", activation_scale_ub=1200.0, modules_to_not_convert=["lm_head", "model.layers.0.self_attn", "model.layers.1.self_attn"])),
    "ct-int4": (torch.bfloat16, [(not_head, ct_packed(4, 32, True, shape_type=torch.int32))], "quantization_config",
                ct_config(ct_group(num_bits=4, strategy="group", group_size=32), format="pack-quantized")),
    "ct-int4-act-order": (torch.bfloat16, [(not_head, ct_packed(4, 32, False, by_input))], "compression_config",
                          ct_config(ct_group(num_bits=4, strategy="group", group_size=32, symmetric=False, actorder="group"), format="pack-quantized")),
    "ct-int4-channel": (torch.bfloat16, [(not_head, ct_packed(4, -1, False))], "quantization_config",
                        ct_config(ct_group(num_bits=4, symmetric=False), format="pack-quantized")),
    "ct-int8-packed": (torch.bfloat16, [(not_head, ct_packed(8, 32, False))], "quantization_config",
                       ct_config(ct_group(strategy="group", group_size=32, symmetric=False), format="pack-quantized")),
    "ct-int8": (torch.bfloat16, [(not_head, ct_bytes("channel", True))], "quantization_config", ct_config(ct_group(activations=TOKENS), format="int-quantized")),
    "ct-int8-tensor": (torch.bfloat16, [(not_head, ct_bytes("tensor", False, static=True))], "quantization_config",
                       ct_config(ct_group(strategy="tensor", symmetric=False, activations=dict(TOKENS, strategy="tensor", dynamic=False)), format="naive-quantized", ignore=["re:.*head"])),
    "ct-fp8": (torch.bfloat16, [(not_head, fp8_channel(torch.bfloat16))], "quantization_config",
               ct_config(ct_group(type="float", activations=FLOAT_TOKENS), format="float-quantized")),
    "ct-fp8-tensor": (torch.bfloat16, [(not_head, fp8_tensor(static=True, shape=(1,)))], "quantization_config",
                      ct_config(ct_group(type="float", strategy="tensor", activations=FLOAT_STATIC), format="float-quantized")),
    "ct-mixed": (torch.bfloat16, [(in_mlp, ct_packed(4, 32, True)), (lambda n: "q_proj" in n, fp8_block("weight_scale")), (not_head, ct_bytes("channel", True))], "quantization_config",
                 ct_config(ct_group(["re:.*mlp.*"], format="pack-quantized", num_bits=4, strategy="group", group_size=32),
                           ct_group(["re:.*self_attn.q_proj$"], format="float-quantized", type="float", strategy="block", block_structure=[128, 128],
                                    activations=dict(FLOAT_TOKENS, strategy="group", group_size=128)),
                           ct_group(format="int-quantized"), format="mixed-precision")),
}


# What a layout's layers do to their inputs, where a device computes from 8 bits: their references are in reference-8bit.json.
def rounded(x, largest, to):
    scale = torch.where(largest > 0, largest / (448 if to is E4M3 else 127), torch.ones_like(largest))
    q = (x / scale).clamp(-448, 448).to(E4M3).float() if to is E4M3 else (x / scale).round().clamp(-127, 127)
    return q * scale


def each_token(to):
    return lambda x: rounded(x, x.abs().amax(-1, keepdim=True), to)


def each_group(x):
    return torch.cat([rounded(part, part.abs().amax(-1, keepdim=True), E4M3) for part in x.split(128, -1)], -1)


def one_scale(x):
    return rounded(x, torch.tensor(0.05 * 448), E4M3)


INPUTS = {"fp8": each_token(E4M3), "fp8-static": one_scale, "fp8-block": each_group, "fbgemm": each_token(E4M3), "ct-int8": each_token(torch.int8), "ct-fp8": each_token(E4M3),
          "ct-fp8-tensor": one_scale}


def is_linear(name, tensor):
    return name.endswith(".weight") and tensor.ndim == 2 and "embed_tokens" not in name


def write(layout, source, target, twin):
    """Writes a checkpoint in a layout, and its twin with plain weights."""
    dtype, rules, place, config = LAYOUTS[layout]
    tensors = {}
    for file in sorted(f for f in os.listdir(source) if f.endswith(".safetensors")):
        tensors.update(load_file(os.path.join(source, file)))
    stored, same = {}, {}
    for name, tensor in tensors.items():
        rule = next((r for which, r in rules if which(name.removesuffix(".weight"))), None) if is_linear(name, tensor) else None
        packed, values = rule(name.removesuffix(".weight"), tensor.float()) if rule else (None, tensor)
        if packed is None:
            stored[name] = tensor.to(dtype).contiguous()
            same[name] = stored[name].float()
        else:
            stored.update({name.removesuffix("weight") + suffix: t.contiguous() for suffix, t in packed.items()})
            same[name] = values.contiguous()
    general = json.load(open(os.path.join(source, "config.json")))
    for folder, weights in ((target, stored), (twin, same)):
        os.makedirs(folder, exist_ok=True)
        for file in os.listdir(source):
            if "safetensors" not in file and file != "config.json":
                shutil.copy(os.path.join(source, file), folder)
        save_file(weights, os.path.join(folder, "model.safetensors"), metadata=dict(format="pt"))
        os.chmod(os.path.join(folder, "model.safetensors"), 0o644)
        is_file = place.endswith(".json")
        full = dict(general, dtype=str(dtype if folder == target else torch.float32).removeprefix("torch."))
        if folder == target and not is_file:
            full[place] = config
        json.dump(full, open(os.path.join(folder, "config.json"), "w"), indent=1)
        if folder == target and is_file:
            json.dump(config, open(os.path.join(folder, place), "w"), indent=1)


def tiny(folder):
    torch.manual_seed(5)
    config = LlamaConfig(vocab_size=72, hidden_size=64, intermediate_size=160, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=256,
                         bos_token_id=0, eos_token_id=1, pad_token_id=0)
    config.initializer_range = 0.15
    AutoModelForCausalLM.from_config(config).to(torch.bfloat16).save_pretrained(folder)
    for file in os.listdir(folder):
        if file not in ("config.json", "model.safetensors"):
            os.remove(os.path.join(folder, file))


def reference(folder, new=12, top=5, inputs=None, rules=()):
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    for name, module in model.named_modules():
        rule = next((r for which, r in rules if which(name)), None) if isinstance(module, torch.nn.Linear) else None
        if inputs and rule and rule is not plain:
            module.register_forward_pre_hook(lambda _, args: (inputs(args[0]),))
    rng, cases = random.Random(7), []
    for length in (1, 9, 40):
        prompt = [rng.randrange(2, model.config.vocab_size) for _ in range(length)]
        with torch.no_grad():
            g = model.generate(torch.tensor([prompt]), max_new_tokens=new, do_sample=False, output_logits=True, return_dict_in_generate=True, pad_token_id=0, eos_token_id=None)
        best = [torch.log_softmax(logits[0].float(), -1).topk(top) for logits in g.logits]
        cases.append(dict(prompt_ids=prompt, greedy=g.sequences[0, length:].tolist(),
                          top_logprobs=[[[int(i), round(float(v), 5)] for v, i in zip(b.values, b.indices)] for b in best]))
    return dict(cases=cases)


p = argparse.ArgumentParser()
p.add_argument("layouts", nargs="*"); p.add_argument("--from", dest="source"); p.add_argument("--to")
a = p.parse_args()
with tempfile.TemporaryDirectory() as scratch:
    source = a.source or os.path.join(scratch, "tiny")
    if not a.source:
        tiny(source)
    for layout in a.layouts or LAYOUTS:
        target = os.path.join(a.to or FIXTURES, layout)
        twin = target + "-twin" if a.source else os.path.join(scratch, layout)
        write(layout, source, target, twin)
        if not a.source:
            json.dump(reference(twin), open(os.path.join(target, "reference.json"), "w"), separators=(",", ":"))
            if layout in INPUTS:
                json.dump(reference(twin, inputs=INPUTS[layout], rules=LAYOUTS[layout][1]), open(os.path.join(target, "reference-8bit.json"), "w"), separators=(",", ":"))
        print(layout)
