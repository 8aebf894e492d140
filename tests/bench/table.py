"""Figures as a table for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

Figures = dict[str, Any]

GOALS = {
    "pairs": "at 200 pairs ≥ 4 × Socket.IO and ≥ 15 × python-socketio, p99 at most half of Socket.IO's",
    "open_loop": "p50 ≤ 5 ms, p99 ≤ 20 ms",
    "idle": "≤ 8 KiB each, ≤ 2 µs CPU a second each",
    "fanout": "≤ 7 µs each",
    "storm": "all back within 15 s, nothing missed",
}
SENTENCES = {
    "open_loop": "Open loop, {rate:.0f}/s over two gateways: p50 {p50_ms} ms, p99 {p99_ms} ms",
    "idle": "Idle, {connections:,} connections: {kib_per_connection} KiB, {cpu_us_per_s} µs CPU a second each",
    "fanout": "One frame of {frame_bytes} bytes to {connections:,}: {cpu_us_per_delivery} µs each",
    "storm": "Storm, {connections:,} dropped at once: {seconds} s, {missed} of {written_meanwhile} missed",
}


def lines(figures: Figures) -> Iterator[str]:
    """The whole run, for people."""
    yield from _pairs(figures["pairs"])
    yield ""
    yield "CPU for each message at 200 pairs, µs: " + _parts(figures["cpu_us_per_message"])
    for name, told in SENTENCES.items():
        if name in figures:
            yield f"{told.format_map(figures[name])}  (goal: {GOALS[name]})"
    yield from (f"FAILED {failure}" for failure in figures["failures"])


def _pairs(pairs: Figures) -> Iterator[str]:
    rows = [("pairs", "system", "processes", "delivered/s", "min–max", "p50 ms", "p99 ms", "CPU µs", "Aican is")]
    for size, compared in pairs.items():
        for name, found in compared.items():
            low, _, high = found["spread"]["delivered_per_s"]
            rows.append(
                (
                    size,
                    name,
                    str(found["processes"]),
                    f"{found['delivered_per_s']:,.0f}",
                    f"{low:,.0f}–{high:,.0f}",
                    f"{found['p50_ms']:.1f}",
                    f"{found['p99_ms']:.1f}",
                    f"{found['cpu_us_per_message']['servers']:.0f}",
                    _times(compared.get("aican", {}).get("to", {}).get(name)),
                )
            )
    yield from aligned(rows)
    yield f"Goal: {GOALS['pairs']}"


def _times(ratios: Figures | None) -> str:
    if ratios is None:
        return ""
    low, middle, high = ratios["delivered"]
    return f"{middle:.2f} × ({low:.2f}–{high:.2f}), p99 {ratios['p99'][1]:.2f} ×"


def _parts(parts: Figures) -> str:
    return ", ".join(f"{name} {value:.0f}" for name, value in parts.items())


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Columns as wide as their widest cell: text to the left, figures to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [
            cell.rjust(width) if rows[-1][column][:1].isdigit() else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(cells).rstrip()
