"""What fits into so many tokens. Pure: counts in, places out.

The cost of a local answer is the number of tokens that the model reads, so evidence is chosen to a
budget: the best first, and what is left out is always worth less than what is given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

DOCUMENT_SHARE = 0.75
"""Of the budget, for one document that the question does not name, while others have sentences too."""


def within_budget(
    costs: Sequence[int],
    documents: Sequence[int],
    budget: int,
    *,
    preferred: Collection[int] = (),
    share: float = DOCUMENT_SHARE,
) -> list[int]:
    """Which of some sentences, the best first, are given: their indexes, ascending.

    costs: tokens of each. documents: where each stands. preferred: documents that may fill the whole
    budget; another one gets at most `share` of it, and what is left over in the end. Nothing is given
    after the first that does not fit: no sentence takes the place of a better one of its document.
    The best is given whatever it costs.
    """
    spent: Counter[int] = Counter()
    given: list[int] = []
    waiting: list[int] = []
    for index, (cost, document) in enumerate(zip(costs, documents, strict=True)):
        if given and document not in preferred and spent[document] + cost > share * budget:
            waiting.append(index)
            continue
        if given and spent.total() + cost > budget:
            break
        given.append(index)
        spent[document] += cost
    for index in waiting:
        if spent.total() + costs[index] > budget:
            break
        given.append(index)
        spent[documents[index]] += costs[index]
    return sorted(given)


def first_tokens(tokens: Sequence[NDArray[np.int64]], budget: int) -> list[int]:
    """How many characters of each of some texts, read in their order, lie within the first tokens.

    tokens: of each text, where its tokens stand, shape (n, 2), as TokenCounter gives them. What a
    stack without a budget would show of its passages, were its prompt cut off there.
    """
    ends, left = [], budget
    for spans in tokens:
        seen = spans[: max(left, 0)]
        ends.append(int(seen[-1, 1]) if len(seen) else 0)
        left -= len(spans)
    return ends
