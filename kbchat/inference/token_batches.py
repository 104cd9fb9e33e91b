"""Which texts go through an encoder together: a batch costs what its longest text costs, for each of its texts."""

from collections.abc import Sequence


def token_batches(counts: Sequence[int], most_tokens: int) -> list[list[int]]:
    """Places of all texts, by their `counts` of tokens, in batches of similar length and at most `most_tokens` with
    padding. The longest come first; a text that is longer than that is alone.
    """
    batches: list[list[int]] = []
    for place in sorted(range(len(counts)), key=lambda place: -counts[place]):
        if batches and (len(batches[-1]) + 1) * counts[batches[-1][0]] <= most_tokens:
            batches[-1].append(place)
        else:
            batches.append([place])
    return batches
