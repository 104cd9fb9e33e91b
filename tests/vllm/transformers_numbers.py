"""The same model asked by another program: log-probabilities of next tokens, by transformers.

    PYTHON_OF_VLLM tests/vllm/transformers_numbers.py MODEL_FOLDER

Reads messages; writes the 20 likeliest next tokens as pairs of text and log-probability.
"""

import json
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def main() -> None:
    prompt = json.load(sys.stdin)
    tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
    model = AutoModelForCausalLM.from_pretrained(sys.argv[1])
    before = tokenizer.apply_chat_template(prompt, add_generation_prompt=True, return_dict=False)
    with torch.no_grad():
        rows = model(torch.tensor([before])).logits[0].log_softmax(-1)
    top = rows[-1].topk(20)
    following = [
        (tokenizer.decode([token]), value)
        for token, value in zip(top.indices.tolist(), top.values.tolist(), strict=True)
    ]
    json.dump(following, sys.stdout)


if __name__ == "__main__":
    main()
