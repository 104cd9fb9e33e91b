"""A Llama of three million weights for tests, made in a second and not trained: it repeats the words of its prompt.

    PYTHON_OF_VLLM tests/vllm/tiny_model.py FOLDER

Its attention is even over all that came before, its layers add nothing to that, and what a token's vector is near to is
likely next: so what stands in the prompt scores higher than what does not, and more so the more often it stands there.
Everything else is as with a large one: tokenizer, chat template, weights in safetensors. Knows nothing of kbchat.
"""

import sys
from itertools import chain
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from transformers.models.llama.modeling_llama import LlamaDecoderLayer

_PROJECT = Path(__file__).resolve().parents[2]
_TEXTS = ("*.md", "docs/*.md", "deploy/sample_company/documents/**/*.md")
_WIDTH = 256
_VOCABULARY = 4096
# Labels are asked for as single tokens.
_LABELS = "yes\nno\n" * 500
# How sharply the model prefers what it has read.
_SHARPNESS = 2.0
# Special tokens of their own, so that no text of a message can end it.
_BEGIN, _END = "<|im_start|>", "<|im_end|>"
_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def make_tokenizer() -> PreTrainedTokenizerFast:
    """Byte-level BPE of the project's own pages, in both languages."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=_VOCABULARY,
        special_tokens=[_BEGIN, _END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    files = sorted(file for pattern in _TEXTS for file in _PROJECT.glob(pattern))
    pages = (file.read_text(encoding="utf-8") for file in files)
    tokenizer.train_from_iterator(chain(pages, [_LABELS]), trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token=_END, pad_token=_END, chat_template=_TEMPLATE
    )


def make_model(*, end: int, frame: list[int]) -> LlamaForCausalLM:
    """`end`: the token that ends a message. `frame`: tokens that messages are framed by, which it does not repeat."""
    config = LlamaConfig(
        vocab_size=_VOCABULARY,
        hidden_size=_WIDTH,
        intermediate_size=_WIDTH,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=8192,
        tie_word_embeddings=True,
        eos_token_id=end,
        bos_token_id=end,
        pad_token_id=end,
    )
    torch.manual_seed(1)
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        reading, *idle = model.model.layers
        for even in (reading.self_attn.q_proj, reading.self_attn.k_proj):
            even.weight.zero_()
        for whole in (reading.self_attn.v_proj, reading.self_attn.o_proj):
            whole.weight.copy_(torch.eye(_WIDTH))
        for silent in (reading.mlp.down_proj, *(part for each in idle for part in _outputs_of(each))):
            silent.weight.zero_()
        model.model.norm.weight.fill_(_SHARPNESS)
        model.model.embed_tokens.weight[frame] = 0.0
    return model.float()


def _outputs_of(layer: LlamaDecoderLayer) -> tuple[torch.nn.Linear, torch.nn.Linear]:
    return layer.self_attn.o_proj, layer.mlp.down_proj


def main() -> None:
    folder = Path(sys.argv[1])
    tokenizer = make_tokenizer()
    frame = tokenizer.convert_tokens_to_ids([_BEGIN, _END, *tokenizer.tokenize("\n")])
    make_model(end=tokenizer.eos_token_id, frame=frame).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


if __name__ == "__main__":
    main()
