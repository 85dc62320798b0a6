#!/usr/bin/env python3
"""Runs an appliance's checks on the machine it runs on, as the build did, and says what is red.

usage: run_checks.py [--format text|json] [--only GROUP|ID]... [--phase PHASE] CHECKS.json

CHECKS.json holds the appliance's records: {"appliance", "title", "checks": [{"id", "title", "group", "phases",
"severity", "why", "fix", "probe", "expect"}, ...]}. Without --phase those of an appliance in use are run.
JSON on standard output: {"appliance", "phase", "passed", "failed", "warnings", "seconds", "results": [{"id", "title",
"group", "severity", "outcome", "detail", "why", "fix", "seconds"}, ...]}.
Exit status: 0 no error is red, 1 one is, 2 the checks could not be run. Reads only, and needs root.
"""

import argparse
import json
import os
import sys
import time

import probe

SHOWN = ("id", "title", "group", "severity")
ADVICE = ("why", "fix")


class CannotRun(Exception):
    pass


def chosen(checks, phase, only):
    wanted = [check for check in checks if phase in check["phases"]]
    for name in only:
        if not any(name in (check["group"], check["id"]) for check in wanted):
            groups = ", ".join(dict.fromkeys(check["group"] for check in wanted))
            raise CannotRun(f"there is no group and no check {name}; the groups are {groups}")
    wanted = [check for check in wanted if not only or check["group"] in only or check["id"] in only]
    if not wanted:
        raise CannotRun(f"there are no checks of phase {phase}: nothing would be proved")
    return wanted


def is_red(result):
    return result["outcome"] != "passed"


def run(appliance, phase, only):
    checks = chosen(appliance["checks"], phase, only)
    began = time.monotonic()
    results = [
        {**{name: check[name] for name in SHOWN}, **seen, **{name: check[name] for name in ADVICE}}
        for check, seen in zip(checks, probe.verdicts_of(checks))
    ]
    red = [result for result in results if is_red(result)]
    failed = sum(result["severity"] == "error" for result in red)
    return {
        "appliance": appliance["appliance"],
        "phase": phase,
        "passed": len(results) - len(red),
        "failed": failed,
        "warnings": len(red) - failed,
        "seconds": round(time.monotonic() - began, 3),
        "results": results,
    }


def word_of(result):
    if not is_red(result):
        return "ok"
    if result["outcome"] == "unknown":
        return "unknown"
    return "FAILED" if result["severity"] == "error" else "warning"


def not_looked_at(results):
    """Several may have one reason, and it alone is to be mended: what each check advises is for what it would have seen."""
    lines = []
    for reason in dict.fromkeys(result["detail"] for result in results):
        lines += [f"  unknown  {result['title']} ({result['id']})" for result in results if result["detail"] == reason]
        lines.append(f"           not seen, because {reason}")
    return lines


def as_text(title, told):
    lines = []
    for group in dict.fromkeys(result["group"] for result in told["results"]):
        results = [result for result in told["results"] if result["group"] == group]
        red = [result for result in results if is_red(result)]
        lines.append(f"{group:<10} {len(results) - len(red)} of {len(results)} ok")
        known = [result for result in red if result["outcome"] != "unknown"]
        for result in known:
            lines += [
                f"  {word_of(result):<8} {result['title']} ({result['id']})",
                f"           seen: {result['detail']}",
                f"           why:  {result['why']}",
                f"           fix:  {result['fix']}",
            ]
        lines += not_looked_at([result for result in red if result["outcome"] == "unknown"])
    total = len(told["results"])
    red = told["failed"] + told["warnings"]
    said = f"all {total} checks are ok" if red == 0 else f"{told['failed']} failed, {told['warnings']} warnings, {told['passed']} ok"
    return "\n".join([*lines, "", f"{title}: {said} ({told['seconds']:.1f} s)"])


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError) as error:
        raise CannotRun(f"cannot read {path}: {error}") from error


def main():
    parser = argparse.ArgumentParser(add_help=True, description="Runs the appliance's checks on this machine.")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--only", action="append", default=[], metavar="GROUP|ID", help="a group or the id of a check")
    parser.add_argument("--phase", default="live", help="run the checks of another phase")
    parser.add_argument("checks")
    asked = parser.parse_args()
    try:
        if os.geteuid() != 0:
            raise CannotRun("the checks read what only root may read: run this with sudo")
        appliance = read(asked.checks)
        told = run(appliance, asked.phase, asked.only)
    except CannotRun as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(told, indent=2) if asked.format == "json" else as_text(appliance["title"], told))
    return 1 if told["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
