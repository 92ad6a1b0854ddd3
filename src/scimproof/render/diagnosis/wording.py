"""The sentence for a reason that is more than one rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from collections.abc import Sequence as List
from typing import Any

from scimproof.render.diagnosis.refusals import NOT_DONE, Refusal
from scimproof.render.diagnosis.root_cause import Key, RootCauses
from scimproof.render.diagnosis.values import names

Row = dict[str, Any]
FEWEST = 2  # rules; with fewer, the rule itself is the title
MOST = 4  # attributes, and kinds of request, that are named


def sentence(found: RootCauses, key: Key, findings: List[Row], rules: List[Row]) -> str:
    """What is wrong, where that is more than one rule says; "" where the plain rule says it."""
    if key.sort == "stopped":
        stop = str(found.report["stop"])
        return stop[:1].upper() + stop[1:]
    if key.sort == "unlisted":
        kinds = dict.fromkeys(talk.kind for finding in findings if (talk := found.traffic.of(finding)))
        verb = "is" if len(kinds) == 1 else "are"
        return f"{_list(list(kinds))} {verb} refused for attributes that the target's /Schemas do not list."
    if key.sort == "refused":
        talks = [talk for finding in findings if (talk := found.traffic.of(finding))]
        refusal = found.refusals.of(key.words, talks)
        if len(rules) >= FEWEST or any(refusal.members):
            return refused(refusal)
    if key.level and len(rules) >= FEWEST:
        count = found.values.count(key.level)
        everywhere = not (key.level.where or key.level.kind or key.level.changed)
        if everywhere and count.effects == {"absent"} and not _wider(found, findings, count.leaves):
            resource, _, root = str(key.level.root or key.level.leaf).partition(" ")
            whose = "A group's" if resource == "Groups" else "A user's"
            named = list(count.leaves) if len(count.leaves) <= MOST else [root]
            verb = "read" if len(named) > 1 else "reads"
            return f"{whose} {_named(named)} never {verb} back."
    return ""


def _wider(found: RootCauses, findings: List[Row], told: Mapping[str, None]) -> bool:
    """Whether one of the findings is about attributes of all the run, and these are only some of them."""
    other = [leaf for leaf in found.values.leaves("Users") if leaf not in told]
    return any(
        names(row["observed"], leaf) for row in findings if row["sequence"] in found.watches for leaf in other
    )


def _named(paths: List[str]) -> str:
    """`department and employeeNumber (urn:…:User)`: the URN of an extension once, behind its attributes."""
    urns = {path.partition("/")[0] for path in paths}
    if len(urns) > 1 or not all(path.startswith("urn:") and "/" in path for path in paths):
        return _list(paths)
    return f"{_list([path.partition('/')[2] for path in paths])} ({urns.pop()})"


def refused(refusal: Refusal) -> str:
    """As `POST /Users with locale is refused: 400 Bad Request, Unknown field 'locale', 14 of 40 times.`."""
    answer, detail = _answered(refusal)
    asked = len(refusal.refused) + len(refusal.accepted)
    times = f"{len(refusal.refused):,} of {asked:,} times"
    if refusal.scope and not refusal.accepted:
        return f"No {refusal.scope} succeeds: {answer}, {times}."
    if refusal.status in NOT_DONE:
        return f"{refusal.scope or _list(refusal.kinds)} is answered {answer}, {times}."
    what = _list(refusal.kinds[:MOST])
    over, taken = refusal.members
    fine = f" (with {taken:,} it is not)" if taken else ""
    if over:
        what += f" with {over:,} members"
    elif refusal.carried:
        what += f" with {_list(refusal.carried)}"
    verb = "is" if len(refusal.kinds) == 1 else "are"
    return f"{what} {verb} refused{fine}: {answer}{f', {detail}' if detail else ''}, {times}."


def _answered(refusal: Refusal) -> tuple[str, str]:
    """The usual answer, and its detail where it is told apart by that."""
    answers = Counter((talk.answer, talk.detail) for talk in refusal.refused)
    (answer, detail), _ = answers.most_common(1)[0]
    return answer, detail.rstrip(".")


def _list(words: List[str]) -> str:
    """`a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
