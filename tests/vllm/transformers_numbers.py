"""The same model asked by another program: log-probabilities of next tokens and of continuations, by transformers.

    PYTHON_OF_VLLM tests/vllm/transformers_numbers.py MODEL_FOLDER

Reads {"prompt": [messages], "continuation": text}; writes {"next": the 20 likeliest next tokens as pairs of text and
log-probability, "scores": log-probabilities of the continuation's tokens}.
"""

import json
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def main() -> None:
    asked = json.load(sys.stdin)
    tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
    model = AutoModelForCausalLM.from_pretrained(sys.argv[1])
    before = tokenizer.apply_chat_template(asked["prompt"], add_generation_prompt=True, return_dict=False)
    after = tokenizer(asked["continuation"], add_special_tokens=False).input_ids
    with torch.no_grad():
        rows = model(torch.tensor([before + after])).logits[0].log_softmax(-1)
    start = len(before) - 1
    scores = [float(rows[start + place, token]) for place, token in enumerate(after)]
    top = rows[start].topk(20)
    following = [
        (tokenizer.decode([token]), value)
        for token, value in zip(top.indices.tolist(), top.values.tolist(), strict=True)
    ]
    json.dump({"next": following, "scores": scores}, sys.stdout)


if __name__ == "__main__":
    main()
