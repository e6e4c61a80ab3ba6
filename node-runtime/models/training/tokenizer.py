"""Trains the byte-level BPE tokenizer on generated text: python tokenizer.py ../sample"""
import argparse
import json
import os
import random

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers

from conversations import conversation, plain_text

VOCABULARY = 1536
BOS, END, PAD = "<|begin|>", "<|end|>", "<|pad|>"
SPECIAL = [BOS, END, PAD, "<|system|>", "<|user|>", "<|assistant|>"]
# As Llama 3 splits, but every digit stands alone: sums and counting are learned digit by digit.
SPLIT = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
CHAT_TEMPLATE = """{{- bos_token }}
{%- for message in messages %}
{%- if message['role'] not in ['system', 'user', 'assistant'] %}
{{- raise_exception('The roles are system, user and assistant, not ' + message['role']) }}
{%- endif %}
{{- '<|' + message['role'] + '|>\\n' + message['content'] | trim + '<|end|>' }}
{%- endfor %}
{%- if add_generation_prompt %}
{{- '<|assistant|>\\n' }}
{%- endif %}"""


def rendered(messages):
    """What CHAT_TEMPLATE makes of (role, content) pairs; check() holds the two against each other."""
    return BOS + "".join(f"<|{role}|>\n{content.strip()}{END}" for role, content in messages)


def texts(seed=1, count=40_000):
    rng = random.Random(f"{seed}:tokenizer")
    for _ in range(count):
        yield from (content for _, content in conversation(rng)[1])
        yield plain_text(rng)


def train():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(SPLIT), behavior="isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(texts(), trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    tokenizer.post_processor = processors.Sequence([
        processors.ByteLevel(trim_offsets=False),
        processors.TemplateProcessing(single=f"{BOS} $A", special_tokens=[(BOS, tokenizer.token_to_id(BOS))])])
    return tokenizer


def save(tokenizer, folder):
    os.makedirs(folder, exist_ok=True)
    tokenizer.save(os.path.join(folder, "tokenizer.json"))
    config = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": BOS, "eos_token": END, "pad_token": PAD,
              "model_max_length": 2048, "clean_up_tokenization_spaces": False, "chat_template": CHAT_TEMPLATE}
    with open(os.path.join(folder, "tokenizer_config.json"), "w", encoding="utf-8") as out:
        json.dump(config, out, indent=2)
        out.write("\n")


def check(folder):
    """The saved tokenizer and template give back what goes in and render what training sees."""
    from transformers import AutoTokenizer
    tokenizer = AutoTokenizer.from_pretrained(folder)
    for text in ["Hello", "47 + 38", "Zażółć gęślą jaźń 你好 🙂", "  two\n\nlines\t ", '{"name": "Ada"}']:
        assert tokenizer.decode(tokenizer(text, add_special_tokens=False).input_ids) == text, text
    messages = [("system", " Be brief. "), ("user", "Hi"), ("assistant", "Hello!"), ("user", "47 + 38")]
    as_dicts = [{"role": role, "content": content} for role, content in messages]
    assert tokenizer.apply_chat_template(as_dicts, tokenize=False) == rendered(messages)
    prompt = tokenizer.apply_chat_template(as_dicts, tokenize=False, add_generation_prompt=True)
    assert prompt == rendered(messages) + "<|assistant|>\n"
    print(f"{folder}: vocabulary {len(tokenizer)}, the prompt of a sum is {tokenizer.tokenize(rendered(messages[-1:]))}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    folder = parser.parse_args().folder
    save(train(), folder)
    check(folder)
