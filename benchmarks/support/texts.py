"""How a text that was read compares with the true one: digits right, unsure, wrong, missing, invented."""

from __future__ import annotations

from collections import Counter

UNSURE = "?"


def counts_of(truth: str, layout: str, text: str, guess: str) -> Counter:
    """Counts of one page: `pages` (1), `exact` (0 or 1), and of its digits `digits` (how many there are),
    `right` (and sure), `unsure`, `wrong` (and sure), `missing`, `invented` (sure digits that are not there).

    truth: rows separated by "/". layout: "free" for digits separated by "," that may come in any order;
    "grid" for cells separated by ",", to be read like that. text: with "?" for each digit that is not sure.
    guess: the same with best guesses.
    """
    if layout == "free":
        true = "".join(sorted(truth.replace(",", "")))
        sure = Counter(c for c in text if c.isdigit())
        wanted = Counter(true)
        right = (wanted & sure).total()
        unsure = min(text.count(UNSURE), len(true) - right)
        spare = sure.total() - right
        wrong = min(spare, len(true) - right - unsure)
        return Counter(
            pages=1,
            exact=int(sure == wanted and UNSURE not in text),
            digits=len(true),
            right=right,
            unsure=unsure,
            wrong=wrong,
            missing=len(true) - right - unsure - wrong,
            invented=spare - wrong,
        )
    exact = text == truth.replace("/", "\n")
    true = "".join(c for c in truth if c.isdigit())
    read = "".join(c for c in text if c.isdigit() or c == UNSURE)
    tally = Counter(pages=1, exact=int(exact), digits=len(true))
    for one, other in aligned(true, read):
        if not one:
            tally["invented"] += other != UNSURE
        elif not other:
            tally["missing"] += 1
        else:
            tally["right" if one == other else "unsure" if other == UNSURE else "wrong"] += 1
    return tally


def aligned(truth: str, answer: str) -> list[tuple[str, str]]:
    """The pairs of the cheapest alignment (Levenshtein); "" where one side has nothing. A "?" matches any
    digit better than another digit does."""
    n, m = len(truth), len(answer)
    price = [[0.0] * (m + 1) for _ in range(n + 1)]
    for i in range(n + 1):
        for j in range(m + 1):
            if i and j:
                same = truth[i - 1] == answer[j - 1]
                change = 0.0 if same else 0.9 if answer[j - 1] == UNSURE else 1.0
                price[i][j] = min(price[i - 1][j - 1] + change, price[i - 1][j] + 1, price[i][j - 1] + 1)
            else:
                price[i][j] = float(i + j)
    pairs, i, j = [], n, m
    while i or j:
        if i and price[i][j] == price[i - 1][j] + 1:
            i -= 1
            pairs.append((truth[i], ""))
        elif j and price[i][j] == price[i][j - 1] + 1:
            j -= 1
            pairs.append(("", answer[j]))
        else:
            i, j = i - 1, j - 1
            pairs.append((truth[i], answer[j]))
    return pairs[::-1]
