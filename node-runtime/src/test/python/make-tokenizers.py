#!/usr/bin/env python3
"""Writes the tokenizers that the tests use (src/test/resources/checkpoints); needs the tokenizers package.

bytelevel: byte-level BPE as Llama 3 has it, with a BOS that the tokenizer adds itself.
sentencepiece: BPE with byte fallback and a leading space, as Llama 2 has it.
metaspace: the same with the space put on by a pre-tokenizer and at the text's start only (legacy: false), and added tokens of every kind.
unigram: Unigram with byte fallback, as T5 and ALBERT have it.
spaces: BPE without a leading space, as Gemma has it.
spm: a SentencePiece model alone (tokenizer.model), as Llama 2 came; needs the sentencepiece, protobuf and transformers packages.
"""
import os
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

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


def pieces(special_first):
    vocab = {t: i for i, t in enumerate(special_first)}
    for piece in [f"<0x{b:02X}>" for b in range(256)] + alphabet + ["he", "ll", "hell", "hello", "▁hello", "wo", "rl", "worl", "world", "▁world"]:
        vocab.setdefault(piece, len(vocab))
    return vocab

def save(tokenizer, name):
    os.makedirs(os.path.join(here, name), exist_ok=True)
    tokenizer.save(os.path.join(here, name, "tokenizer.json"), pretty=False)

fallback = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
metaspace = Tokenizer(models.BPE(vocab=pieces(["<unk>"] + specials), merges=merges, unk_token="<unk>", byte_fallback=True, fuse_unk=True))
metaspace.add_special_tokens(["<unk>"] + specials)
metaspace.add_tokens([AddedToken("[LEFT]", lstrip=True), AddedToken("[RIGHT]", rstrip=True), AddedToken("word", single_word=True), AddedToken("Ünï", normalized=True), AddedToken("raw", normalized=False)])
metaspace.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="first", split=False)
metaspace.decoder = decoders.Sequence(fallback + [decoders.Strip(" ", 1, 0)])
metaspace.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)])
save(metaspace, "metaspace")

scores = [(t, 0.0) for t in ["<unk>"] + specials] + [(f"<0x{b:02X}>", -20.0) for b in range(256)]
scores += [(c, -8.0 - i / 100) for i, c in enumerate(alphabet)] + [("▁hello", -3.0), ("hell", -4.0), ("▁wor", -4.5), ("ld", -4.2), ("▁the", -2.5), ("he", -3.5), ("ll", -3.7)]
unigram = Tokenizer(models.Unigram(scores, unk_id=0, byte_fallback=True))
unigram.add_special_tokens(["<unk>"] + specials)
unigram.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
unigram.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
unigram.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace(replacement="▁", prepend_scheme="always")])
unigram.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 2)])
save(unigram, "unigram")

spaces = Tokenizer(models.BPE(vocab=pieces(["<pad>", "<s>", "</s>", "<unk>", "<|user|>", "<|assistant|>", "<|system|>"]), merges=merges, unk_token="<unk>", byte_fallback=True, fuse_unk=True))
spaces.add_special_tokens(["<pad>", "<s>", "</s>", "<unk>", "<|user|>", "<|assistant|>", "<|system|>"])
spaces.normalizer = normalizers.Replace(" ", "▁")
spaces.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
spaces.decoder = decoders.Sequence(fallback)
spaces.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
save(spaces, "spaces")

import io, json, random
import sentencepiece

corpus = (text + ["Zażółć gęślą jaźń", "naïve café", "1, 2, 3 and 42", "  spaces   between ", "a-b_c(d)"]) * 4
for kind in ["bpe", "unigram"]:
    folder = os.path.join(here, "spm-" + kind)
    os.makedirs(folder, exist_ok=True)
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(corpus), model_writer=model, model_type=kind, vocab_size=360, byte_fallback=True, character_coverage=0.98,
        normalization_rule_name="identity", remove_extra_whitespaces=False, user_defined_symbols=["<|user|>", "[X]"], hard_vocab_limit=False, minloglevel=2)
    open(os.path.join(folder, "tokenizer.model"), "wb").write(model.getvalue())

texts = ["", " ", "hello", " hello", "hello world", "hello  world ", "Hello, World!\n\n\tx", "the quick brown fox", "Zażółć gęślą jaźń", "你好，世界", "🙂 👩‍👩‍👧 x",
         "a\u0301 ﬁ Ⅷ \u200b\u00a0|", "1234567890 1,000.5", "<s>hello</s> world", "hi<|user|>hi <|user|> hi", "x [LEFT] y [RIGHT] z", "word sword word words word.",
         "Ünï ünï raw raws", "▁hello ▁", "<0x41> <0xE4>", "\r\n\r \u3000", "नमस्ते שלום مرحبا", "I'll don't WE'RE", "a" * 40, "hello world " * 120]
expected = {}
for kind in ["bytelevel", "sentencepiece", "metaspace", "unigram", "spaces"]:
    reference = Tokenizer.from_file(os.path.join(here, kind, "tokenizer.json"))
    expected[kind] = [
        {"text": t, "ids": reference.encode(t, add_special_tokens=False).ids, "special": reference.encode(t).ids,
         "decoded": reference.decode(reference.encode(t).ids, skip_special_tokens=True)} for t in texts]
from transformers import LlamaTokenizer
llama = LlamaTokenizer.from_pretrained(os.path.join(here, "spm-bpe"), add_bos_token=True, bos_token="<s>", eos_token="</s>", unk_token="<unk>")
expected["spm-bpe"] = [
    {"text": t, "ids": llama.encode(t, add_special_tokens=False), "special": llama.encode(t),
     "decoded": llama.decode(llama.encode(t), skip_special_tokens=True)} for t in texts]
for kind in ["spm-unigram"]:
    reference = sentencepiece.SentencePieceProcessor(model_file=os.path.join(here, kind, "tokenizer.model"))
    expected[kind] = [
        {"text": t, "ids": reference.encode(t), "special": [reference.bos_id()] + reference.encode(t), "decoded": reference.decode(reference.encode(t))}
        for t in texts if "<s>" not in t and "<0x" not in t and t[:1] not in (" ", "▁")]
json.dump(expected, open(os.path.join(here, "tokenized.json"), "w", encoding="utf-8"), ensure_ascii=False, indent=0)
