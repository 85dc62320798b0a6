"""Judges what a probe saw against what a check expects. Whatever cannot be judged is unknown, never passed.

The one judge of every run: on the build machine, on the sealed disk, on clones, and on an appliance in use. The
matchers are those of appliances/checks/types.ts; patterns are Python's.
"""

import json
import math
import re

LONGEST = 300
ABSENT = object()


def verdict(check, looked):
    """
    check   {"expect": {path: matcher}}
    looked  {"answer": ...} or {"error": "why the probe could not answer"}
    Returns {"outcome": "passed" | "failed" | "unknown", "detail": words for people}.
    """
    if "error" in looked:
        return unknown(looked["error"])
    if not check["expect"]:
        return unknown("the check expects nothing, so it proves nothing")
    judged = [judge_one(path, matcher, looked["answer"]) for path, matcher in check["expect"].items()]
    faults = [each for each in judged if each["outcome"] != "passed"]
    if not faults:
        return {"outcome": "passed", "detail": "; ".join(each["detail"] for each in judged)}
    failed = any(each["outcome"] == "failed" for each in faults)
    return {"outcome": "failed" if failed else "unknown", "detail": "; ".join(each["detail"] for each in faults)}


def unknown(detail):
    return {"outcome": "unknown", "detail": detail}


def judge_one(path, matcher, answer):
    subject = f"{path} " if path else ""
    expected = f"expected {subject}{describe(matcher)}"
    value = value_at(answer, path)
    told = why_absent(answer)
    if value is ABSENT:
        if told:
            return {"outcome": "failed", "detail": f"{expected}, but {told}"}
        return unknown(f"{expected}, but the answer has no {path}")
    outcome, because = compare(matcher, value)
    if outcome == "passed":
        return {"outcome": "passed", "detail": f"{subject}{brief(value)}"}
    seen = because or f"saw {brief(value)}"
    return {"outcome": outcome, "detail": f"{expected}, {seen}" + (f" ({told})" if told else "")}


def why_absent(answer):
    """What the answer itself says about a value that is not there."""
    if not isinstance(answer, dict):
        return None
    if isinstance(answer.get("error"), str):
        return answer["error"]
    if answer.get("exists") is False:
        return "it does not exist"
    if answer.get("defined") is False:
        return "the variable is not defined"
    return None


def value_at(answer, path):
    """Members joined by dots, list positions as numbers: "json.status", "rows.0.count"."""
    value = answer
    for member in path.split(".") if path else []:
        if isinstance(value, dict) and member in value:
            value = value[member]
        elif isinstance(value, list) and member.isdigit() and int(member) < len(value):
            value = value[int(member)]
        else:
            return ABSENT
    return value


# Matchers: each gives an outcome, and words that replace the plain "saw ..." where they say more.


def same(wanted, seen):
    """Equal in depth; a number and its own text are the same, since databases answer in text. True is not 1."""
    if is_number(wanted) and isinstance(seen, str):
        return str(wanted) == seen
    if isinstance(wanted, str) and is_number(seen):
        return wanted == str(seen)
    if isinstance(wanted, dict) and isinstance(seen, dict):
        return wanted.keys() == seen.keys() and all(same_strictly(wanted[name], seen[name]) for name in wanted)
    if isinstance(wanted, list) and isinstance(seen, list):
        return len(wanted) == len(seen) and all(map(same_strictly, wanted, seen))
    return same_strictly(wanted, seen)


def same_strictly(wanted, seen):
    if isinstance(wanted, bool) != isinstance(seen, bool):
        return False
    if isinstance(wanted, (dict, list)) and isinstance(seen, type(wanted)):
        return same(wanted, seen)
    return wanted == seen


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def matches_text(pattern, seen):
    if not isinstance(seen, str) and not is_number(seen):
        return "failed", f"saw {brief(seen)}, which is not a text"
    try:
        return held(re.search(pattern, str(seen)) is not None)
    except re.error:
        return "unknown", "the pattern cannot be read"


def membership(wanted, seen, present):
    if isinstance(seen, str) and isinstance(wanted, str):
        return held((wanted in seen) == present)
    if isinstance(seen, list):
        return held(any(same(wanted, member) for member in seen) == present)
    return "failed", f"saw {brief(seen)}, which has no members"


def limit(seen, holds):
    if not is_number(seen) or math.isnan(seen):
        return "failed", f"saw {brief(seen)}, which is not a number"
    return held(holds(seen))


def same_set(wanted, seen):
    if not isinstance(seen, list):
        return "failed", f"saw {brief(seen)}, which is not a list"
    missing = [member for member in wanted if not any(same(member, other) for other in seen)]
    extra = [member for member in seen if not any(same(other, member) for other in wanted)]
    parts = [f"{word}: {', '.join(map(brief, some))}" for word, some in (("missing", missing), ("extra", extra)) if some]
    return ("failed", "; ".join(parts)) if parts else ("passed", None)


def empty(seen):
    if isinstance(seen, (str, list, dict)):
        return held(len(seen) == 0)
    return "failed", f"saw {brief(seen)}, which cannot be empty"


def held(holds):
    return ("passed" if holds else "failed"), None


MATCHERS = {
    "equals": (lambda wanted, seen: held(same(wanted, seen)), lambda wanted: f"to be {brief(wanted)}"),
    "not": (lambda wanted, seen: held(not same(wanted, seen)), lambda wanted: f"not to be {brief(wanted)}"),
    "oneOf": (
        lambda wanted, seen: held(any(same(one, seen) for one in wanted)),
        lambda wanted: f"to be one of {', '.join(map(brief, wanted))}",
    ),
    "matches": (matches_text, lambda wanted: f"to match /{wanted}/"),
    "contains": (lambda wanted, seen: membership(wanted, seen, True), lambda wanted: f"to contain {brief(wanted)}"),
    "lacks": (lambda wanted, seen: membership(wanted, seen, False), lambda wanted: f"not to contain {brief(wanted)}"),
    "atLeast": (lambda wanted, seen: limit(seen, lambda value: value >= wanted), lambda wanted: f"to be at least {wanted}"),
    "atMost": (lambda wanted, seen: limit(seen, lambda value: value <= wanted), lambda wanted: f"to be at most {wanted}"),
    "sameSet": (same_set, lambda wanted: f"to be the set of {len(wanted)} named members"),
    "empty": (lambda _wanted, seen: empty(seen), lambda _wanted: "to be empty"),
}


def compare(matcher, seen):
    name, wanted = next(iter(matcher.items()), ("{}", None))
    if name not in MATCHERS:
        # Data from a newer program may name a matcher that this one does not have.
        return "unknown", f"no such matcher: {name}"
    return MATCHERS[name][0](wanted, seen)


def describe(matcher):
    name, wanted = next(iter(matcher.items()), ("{}", None))
    return MATCHERS[name][1](wanted) if name in MATCHERS else "something unknown"


def brief(value):
    """A value on one line, cut when it is long."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    line = re.sub(r"\s+", " ", text).strip()
    if not line:
        return "an empty text"
    return line if len(line) <= LONGEST else line[:LONGEST] + "..."
