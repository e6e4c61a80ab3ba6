#!/usr/bin/env python3
"""Writes what transformers makes of the files beside a tokenizer (src/test/resources/checkpoints/declared.json); needs transformers 5.

Each case: a tokenizer of the folder, the files beside it, and for each text the ids without and with special tokens and the decoded text without special ones.
"""
import json, os, shutil, sys, tempfile
from transformers import AutoTokenizer

here = os.path.abspath(os.path.join(os.path.dirname(sys.argv[0]), "../resources/checkpoints"))
TEXTS = ["", " hello", "hello  world", "<s>hello</s> world", "hi<|user|>hi <|user|> [X]x", "new <|im_start|>x<|im_end|> word", "word swords word.", "TOK1 tok2 tok1",
         " <L> x <R> y ", "<unk> <pad> <bos>", "\n\n\tI'LL 123 e\u0301 ü"]
LLAMA = {"tokenizer_class": "LlamaTokenizer", "add_bos_token": True, "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
FAST = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>"}


def token(content, **flags):
    return {"content": content, "lstrip": False, "rstrip": False, "single_word": False, "normalized": True, "special": False, **flags}


def typed(content, **flags):
    return {"__type": "AddedToken", **token(content, **flags)}


SPECIAL = dict(special=True, normalized=False)
FLAGS = {"400": token("<L>", lstrip=True), "401": token("<R>", rstrip=True, normalized=False), "402": token("TOK1", special=True),
         "410": token("tok2", normalized=False), "409": token("word", single_word=True)}
CASES = [
    ("spm-bpe", "llama", {"tokenizer_config.json": LLAMA}),
    ("spm-bpe", "llama", {"tokenizer_config.json": {k: v for k, v in LLAMA.items() if k != "add_bos_token"}}),
    ("spm-bpe", "llama", {"tokenizer_config.json": {**LLAMA, "legacy": True, "add_eos_token": True}}),
    ("spm-bpe", "llama", {"tokenizer_config.json": {**LLAMA, "add_prefix_space": False}}),
    ("spm-bpe", "gemma2", {"tokenizer_config.json": {"tokenizer_class": "GemmaTokenizer", "add_bos_token": True}}),
    ("spm-bpe", "gemma2", {"tokenizer_config.json": {"tokenizer_class": "GemmaTokenizer", "bos_token": "<s>", "additional_special_tokens": ["[X]", "tok1"]}}),
    ("spm-bpe", "llama", {"tokenizer_config.json": LLAMA, "added_tokens.json": {"<|im_end|>": 405, "<|im_start|>": 402, "word": 500, "hello": 300, "</s>": 2}}),
    ("spm-bpe", "llama", {"tokenizer_config.json": {**LLAMA, "additional_special_tokens": ["<|im_start|>", "tok2"]}, "added_tokens.json": {"<|im_start|>": 360, "<|im_end|>": 361}}),
    ("spm-bpe", "llama", {"tokenizer_config.json": {**LLAMA, "added_tokens_decoder": {"0": token("<unk>", **SPECIAL), "1": token("<s>", **SPECIAL), **FLAGS}}}),
    ("spm-bpe", "llama", {"tokenizer_config.json": {**LLAMA, "added_tokens_decoder": {"400": token("<L>", lstrip=True), "4": token("[X]", special=True)}},
                          "added_tokens.json": {"word": 401}, "special_tokens_map.json": {"pad_token": "<pad>"}}),
    ("spm-bpe", "llama", {"tokenizer_config.json": LLAMA, "special_tokens_map.json":
                          {"pad_token": "<pad>", "additional_special_tokens": ["<|im_start|>"], "eos_token": {"content": "</s>", "lstrip": False, "rstrip": True, "normalized": True, "single_word": False}}}),
    ("spm-bpe", "llama", {"tokenizer_config.json": LLAMA, "special_tokens_map.json": {"pad_token": "<pad>", "eos_token": "<|im_end|>", "extra_special_tokens": ["tok1", {"content": "<R>", "rstrip": True}]},
                          "added_tokens.json": {"<|im_start|>": 400, "<|im_end|>": 401, "tok1": 403}}),
    ("spm-bpe", "llama", {"tokenizer_config.json": {**LLAMA, "pad_token": typed("<pad>", normalized=False), "eos_token": typed("<|im_end|>", lstrip=True, normalized=False)}}),
    ("spm-bpe", "llama", {"tokenizer_config.json": {**LLAMA, "image_token": "tok1", "extra_special_tokens": {"x_token": "tok2"}}}),
    ("spm-bpe", "llama", {"tokenizer_config.json": {**LLAMA, "extra_special_tokens": ["tok1", typed("<R>", rstrip=True), "<s>"]}}),
    ("sentencepiece", "llama", {"tokenizer_config.json": LLAMA}),
    ("sentencepiece", "llama", {"tokenizer_config.json": {**LLAMA, "legacy": True}}),
    ("sentencepiece", "mistral", {"tokenizer_config.json": LLAMA}),
    ("metaspace", "llama", {"tokenizer_config.json": {**FAST, "add_bos_token": False, "added_tokens_decoder": FLAGS}}),
    ("metaspace", "llama", {"tokenizer_config.json": LLAMA, "added_tokens.json": {"tok1": 300}}),
    ("metaspace", "gemma3_text", {"tokenizer_config.json": {"tokenizer_class": "GemmaTokenizer"}}),
    ("spaces", "gemma2", {"tokenizer_config.json": {"tokenizer_class": "GemmaTokenizer", "bos_token": "<s>", "eos_token": "</s>"}}),
    ("bytelevel", "llama", {"tokenizer_config.json": {**LLAMA, "add_bos_token": False}}),
    ("bytelevel", "llama", {"tokenizer_config.json": {**FAST, "additional_special_tokens": ["<|im_start|>", "<|im_end|>"]}, "added_tokens.json": {"word": 400}}),
    ("bytelevel", "qwen2", {"tokenizer_config.json": FAST}),
    ("bytelevel", "qwen2", {"tokenizer_config.json": {**FAST, "tokenizer_class": "Qwen2Tokenizer", "pad_token": None, "added_tokens_decoder": FLAGS}}),
    ("bytelevel", "qwen3", {}),
    ("unigram", "llama", {"tokenizer_config.json": {**FAST, "added_tokens_decoder": FLAGS}}),
]
expected = []
for kind, model, files in CASES:
    with tempfile.TemporaryDirectory() as folder:
        for name in ["tokenizer.json", "tokenizer.model"]:
            if os.path.exists(os.path.join(here, kind, name)):
                shutil.copy(os.path.join(here, kind, name), folder)
        files = {"config.json": {"model_type": model}, **files}
        for name, content in files.items():
            json.dump(content, open(os.path.join(folder, name), "w"))
        reference = AutoTokenizer.from_pretrained(folder)
        results = [[t, reference.encode(t, add_special_tokens=False), reference.encode(t), reference.decode(reference.encode(t), skip_special_tokens=True)] for t in TEXTS]
        expected.append({"tokenizer": kind, "files": files, "results": results})
with open(os.path.join(here, "declared.json"), "w", encoding="utf-8") as out:
    out.write("[\n" + ",\n".join(json.dumps(case, ensure_ascii=False, separators=(",", ":")) for case in expected) + "\n]\n")
