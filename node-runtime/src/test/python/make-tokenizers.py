#!/usr/bin/env python3
"""Writes the tokenizers that the tests use (src/test/resources/checkpoints); needs the tokenizers package.

bytelevel: byte-level BPE as Llama 3 has it, with a BOS that the tokenizer adds itself.
sentencepiece: BPE with byte fallback and a leading space, as Llama 2 has it.
"""
import os
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../resources/checkpoints")
text = ["the quick brown fox jumps over the lazy dog", "hello world, hello there", "what is the capital of Norway?"] * 3
specials = ["<s>", "</s>", "<|user|>", "<|assistant|>", "<|system|>"]

byte_level = Tokenizer(models.BPE())
byte_level.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
byte_level.decoder = decoders.ByteLevel()
byte_level.train_from_iterator(text, trainers.BpeTrainer(
    vocab_size=320, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), special_tokens=specials, show_progress=False))
byte_level.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
byte_level.save(os.path.join(here, "bytelevel/tokenizer.json"), pretty=False)

alphabet = ["▁"] + sorted(set("".join(text)))
vocabulary = {t: i for i, t in enumerate(["<unk>"] + specials + [f"<0x{b:02X}>" for b in range(256)])}
for piece in alphabet + ["he", "ll", "hell", "hello", "▁hello", "wo", "rl", "worl", "world", "▁world"]:
    vocabulary.setdefault(piece.replace(" ", "▁"), len(vocabulary))
merges = [("h", "e"), ("l", "l"), ("he", "ll"), ("hell", "o"), ("▁", "hello"), ("w", "o"), ("r", "l"), ("wo", "rl"), ("worl", "d"), ("▁", "world")]
sentencepiece = Tokenizer(models.BPE(vocab=vocabulary, merges=merges, unk_token="<unk>", byte_fallback=True, fuse_unk=True))
sentencepiece.add_special_tokens(["<unk>"] + specials)
sentencepiece.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
sentencepiece.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
sentencepiece.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
sentencepiece.save(os.path.join(here, "sentencepiece/tokenizer.json"), pretty=False)
