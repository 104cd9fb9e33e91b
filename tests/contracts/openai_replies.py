"""Bodies of the scripted server's answers, in the shapes that vLLM gives them."""

import asyncio
import json
import math
import random
import re
import time
from collections.abc import AsyncIterator, Sequence
from itertools import pairwise
from typing import Any

from kbchat.inference.scripted import HashEmbedder, WordReranker
from tests.contracts.scenario import Scenario

_TOKEN = re.compile(r"\s*(?:[A-Za-z0-9]+|[^\sA-Za-z0-9])|\s+")
_FILLERS = [" the", " a", "\n", " Well", "!", " Maybe", " so", ".", ",", " and"]
_LONGEST_PIECE = 15
_RERANKER = WordReranker()
DIMENSION = 256
"""Of every vector: with fewer, texts that share nothing come near each other by chance."""
_EMBEDDER = HashEmbedder(dimension=DIMENSION)


class ServedVocabulary:
    """Token ids in the order in which texts were first met."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._texts: list[str] = []

    def ids(self, text: str) -> list[int]:
        for token in pieces(text):
            if token not in self._ids:
                self._ids[token] = len(self._texts)
                self._texts.append(token)
        return [self._ids[token] for token in pieces(text)]

    def text(self, ids: Sequence[int]) -> str:
        return "".join(self._texts[token] for token in ids)

    def tokenize(self, body: dict[str, Any], opening: str = "") -> list[int]:
        """As vLLM's /tokenize: a text, or messages in a template, which ends with `opening`."""
        if "messages" in body:
            lines = [f"<{message['role']}>{message['content']}\n" for message in body["messages"]]
            return self.ids("".join(lines) + "<assistant>" + opening)
        special = self.ids("<s></s>")[:2] if body.get("add_special_tokens", True) else []
        return special + self.ids(body["prompt"])


def pieces(text: str) -> list[str]:
    return _TOKEN.findall(text)


def cut(text: str, seed: int) -> list[str]:
    """Into pieces of some characters, at places that have nothing to do with words."""
    chance, places = random.Random(seed), [0]
    while places[-1] < len(text):
        places.append(places[-1] + chance.randint(1, _LONGEST_PIECE))
    return [text[start:end] for start, end in pairwise(places)]


async def chat_events(body: dict[str, Any], prompt: str, scenario: Scenario) -> AsyncIterator[bytes | None]:
    """Server-sent events of one completion, with the scenario's fault where it belongs."""
    yield _event(_chunk({"role": "assistant", "content": ""}))
    if scenario.mode == "hang":
        await asyncio.sleep(math.inf)
    for piece in pieces(scenario.reasoning):
        yield _event(_chunk({"reasoning_content": piece}))
    text = scenario.text_for(prompt)
    said = cut(text, scenario.cut_by) if scenario.cut_by else pieces(text)
    limited = said[: body["max_tokens"]]
    for number, piece in enumerate(limited):
        if number == scenario.after and (fault := await _fault(scenario)):
            for event in fault:
                yield event
            return
        if scenario.tokens_per_second:
            await asyncio.sleep(1 / scenario.tokens_per_second)
        yield _event(_chunk({"content": _stamped(piece, scenario.stamp)}))
    if scenario.mode != "no_finish":
        yield _event(_chunk({}, "length" if len(limited) < len(said) else scenario.finish_reason))
    if scenario.mode == "no_usage":
        await asyncio.sleep(math.inf)
    if body.get("stream_options", {}).get("include_usage"):
        usage = _usage(prompt, len(limited))
        yield _event({**_chunk({}), "choices": [], "usage": usage})
    if scenario.mode != "no_done":
        yield b"data: [DONE]\n\n"


def _stamped(piece: str, stamp: str) -> str:
    return piece.replace(stamp, f"{time.time() * 1000:.0f}") if stamp else piece


async def _fault(scenario: Scenario) -> list[bytes | None]:
    match scenario.mode:
        case "stall":
            await asyncio.sleep(math.inf)
        case "drop":
            return [None]
        case "malformed":
            return [b'data: {"choices": [{"delta": {"cont\n\n', b"data: [DONE]\n\n"]
        case "wrong_shape":
            return [b'data: ["no", "object"]\n\n', b"data: [DONE]\n\n"]
        case "error_in_stream":
            return [_event({"error": {"message": "engine died", "code": 500}}), b"data: [DONE]\n\n"]
    return []


def chat_completion(
    vocabulary: ServedVocabulary | None, body: dict[str, Any], prompt: str, scenario: Scenario
) -> dict[str, Any]:
    """A completion in one piece; with the next token's log-probabilities where there is a vocabulary."""
    choices = body.get("structured_outputs", {}).get("choice")
    said = choices[0] if choices else "".join(pieces(scenario.text_for(prompt))[: body["max_tokens"]])
    choice: dict[str, Any] = {"index": 0, "finish_reason": "length"}
    choice["message"] = {"role": "assistant", "content": said}
    if vocabulary:
        top = [
            {"token": token, "logprob": math.log(p)}
            for token, p in _next_tokens(scenario, body.get("top_logprobs", 0))
        ]
        choice["logprobs"] = {
            "content": [{**(top or [{"token": "", "logprob": 0.0}])[0], "top_logprobs": top}]
        }
    return {**_chunk({}), "object": "chat.completion", "choices": [choice], "usage": _usage(prompt, 1)}


def _next_tokens(scenario: Scenario, count: int) -> list[tuple[str, float]]:
    """The scenario's labels and other words with what is left; in front the token drawn, as in vLLM."""
    left = max(1.0 - sum(scenario.labels.values()), 1e-9)
    fillers = [(token, left / 2 ** (number + 1)) for number, token in enumerate(_FILLERS)]
    ordered = sorted([*scenario.labels.items(), *fillers], key=lambda pair: -pair[1])
    return [*ordered[count:][:1], *ordered[:count]]


def echo_completion(vocabulary: ServedVocabulary, body: dict[str, Any]) -> dict[str, Any]:
    """The prompt's tokens with log-probabilities: a token that stood before is likelier than a new one."""
    tokens: list[int] = body["prompt"]
    seen: set[str] = set()
    values: list[float | None] = []
    for token in tokens:
        word = vocabulary.text([token]).strip().casefold()
        values.append((-1.0 if word in seen else -6.0) if values else None)
        seen.add(word)
    choice = {"index": 0, "text": vocabulary.text(tokens), "finish_reason": "length"}
    choice["logprobs"] = {"token_logprobs": values, "tokens": [vocabulary.text([t]) for t in tokens]}
    return {"id": "1", "object": "text_completion", "created": 1, "model": body["model"], "choices": [choice]}


def embeddings(body: dict[str, Any], scenario: Scenario) -> dict[str, Any]:
    """Vectors that reflect shared words, with the scenario's fault, and not in the order of the texts."""
    rows: list[Any] = _EMBEDDER.embed_documents(body["input"]).tolist()
    match scenario.vector_fault:
        case "nan":
            rows[0][0] = math.nan
        case "dimension":
            rows[-1] = rows[-1][:-1]
        case "missing":
            rows.pop()
        case "text":
            rows = ["no numbers"] * len(rows)
    data = [{"object": "embedding", "index": index, "embedding": row} for index, row in enumerate(rows)]
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    return {"object": "list", "data": data[::-1], "model": body["model"], "usage": usage}


def reranked(body: dict[str, Any], scenario: Scenario) -> Any:
    """Shares of the question's words, best first as servers send them, with the scenario's fault."""
    texts = body.get("texts") or body["documents"]
    scores: list[Any] = _RERANKER.relevance(body["query"], texts).tolist()
    match scenario.vector_fault:
        case "nan":
            scores[0] = math.nan
        case "dimension":
            scores[0] = 7.5
        case "missing":
            scores.pop()
        case "text":
            scores[0] = "much"
    name = "score" if "texts" in body else "relevance_score"
    rows = [{"index": index, name: score} for index, score in enumerate(scores)][::-1]
    return rows if "texts" in body else {"id": "1", "model": body["model"], "results": rows}


def _chunk(delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


def _usage(prompt: str, written: int) -> dict[str, int]:
    asked = len(pieces(prompt))
    return {"prompt_tokens": asked, "completion_tokens": written, "total_tokens": asked + written}


def _event(content: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(content, ensure_ascii=False)}\n\n".encode()
