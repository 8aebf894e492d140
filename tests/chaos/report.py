"""What runs tell: a line for each scenario, the command that replays a failure, a summary, a file for machines."""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict
from pathlib import Path

from tests.chaos.checker import summary
from tests.chaos.run import Result

TOLD = 12
"""Violations told in full; the file has them all."""
HEAD = f"{'scenario':<52}{'seed':>8}{'messages':>10}{'shown':>9}{'faults':>8}{'recovery':>10}{'time':>8}  verdict"


def line(result: Result) -> str:
    """One scenario in one line."""
    verdict = "holds" if not result.violations else f"BROKEN {summary(result.violations)}"
    return (
        f"{result.scenario:<52}{result.seed:>8}{result.accepted:>10,}{result.shown:>9,}{len(result.faults):>8}"
        f"{result.recovery_s:>8.1f} s{result.seconds:>6.0f} s  {verdict}"
    )


def failure(result: Result, again: str) -> str:
    """What was broken, when what was struck, and the command that plays it ``again``."""
    told = [f"  {violation.kind}: {violation.text}" for violation in result.violations[:TOLD]]
    if len(result.violations) > TOLD:
        told.append(f"  … and {len(result.violations) - TOLD} more")
    return "\n".join(
        [
            f"{result.scenario} with seed {result.seed}:",
            *told,
            *[f"  fault: {fault}" for fault in result.faults],
            f"  logs: {result.directory}",
            f"  replay: {again}",
        ]
    )


def replay(result: Result) -> str:
    """The command that plays the same schedule, cast and texts again, where they were the scenario's own."""
    return f"make chaos SEED={result.seed} SCENARIO={shlex.quote(result.scenario)}"


def total(results: list[Result]) -> str:
    """The last line."""
    broken = [result for result in results if result.violations]
    recovery = max((result.recovery_s for result in results), default=0.0)
    return (
        f"{len(results)} scenarios, {sum(len(result.faults) for result in results)} faults, "
        f"{sum(result.accepted for result in results):,} messages accepted, "
        f"{sum(result.shown for result in results):,} times shown, "
        f"{sum(result.audited for result in results):,} looked up in the record as they became known, "
        f"{sum(result.voids for result in results)} voids; recovery at most {recovery:.1f} s; "
        + (f"{len(broken)} BROKEN" if broken else "0 lost, duplicated, reordered or shown but not stored")
    )


def write(results: list[Result], path: Path) -> None:
    """Everything, as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kinds = [violation.kind for result in results for violation in result.violations]
    document = {
        "scenarios": len(results),
        "messages": sum(result.accepted for result in results),
        "shown": sum(result.shown for result in results),
        "violations": {kind: kinds.count(kind) for kind in sorted(set(kinds))},
        "runs": [asdict(result) | {"violations": [each._asdict() for each in result.violations]} for result in results],
    }
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
