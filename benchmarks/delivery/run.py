"""`make bench-delivery`: ways of sending side by side, CPU and speed, with and without a far-away relay. Prints ratios.

    python -m benchmarks.delivery.run [--quick] [--only WAY[,WAY]] [--messages N] [--runs N] [--delays 0,5,50]
    python -m benchmarks.delivery.run memory [--readers N] [--sent N]      peak memory and start of `digest send`
    python -m benchmarks.delivery.run parts                                where a message's time goes, without SMTP

The sender has one core, the sink another; every run must deliver every message. Ours is end to end, from subscribers
in SQLite to outcomes in the ledger, unless it says otherwise. Machines are noisy: trust ratios.
"""

from __future__ import annotations

import argparse
import itertools
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.delivery import bars, memory, parts, special
from benchmarks.delivery.engines import ENGINES, Engine
from benchmarks.delivery.measure import Figures, RunError, cores, medians, run_way
from benchmarks.delivery.sink import compiled_sink, parse_delay
from benchmarks.delivery.ways import WAYS, Bench, Way

_FULL = 20_000  # messages of the fastest ways in a full run; all others in proportion


def main() -> None:
    arguments = _parser().parse_args()
    folder = Path(tempfile.mkdtemp(prefix="digest-bench-"))
    try:
        if arguments.what == "memory":
            memory.report(folder, large=arguments.readers, most=arguments.sent)
        elif arguments.what == "parts":
            parts.report(folder)
        else:
            _compare(Bench(folder), arguments)
    except RunError as fault:
        sys.exit(f"bench-delivery: {fault}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=["compare", "memory", "parts"], default="compare")
    parser.add_argument("--quick", action="store_true", help="one short run each, no PostgreSQL: does it work?")
    parser.add_argument("--only", help=f"ways, processes, tls, by comma: {', '.join(way.name for way in WAYS)}")
    parser.add_argument("--messages", type=int, help=f"of the fastest ways, others in proportion [{_FULL}]")
    parser.add_argument("--runs", type=int, help="of which the median is taken [5]")
    parser.add_argument("--delays", default="0,5,50", help="of replies, by comma, in ms [0,5,50]")
    parser.add_argument("--readers", type=int, default=1_000_000, help="memory: of the large audience [1000000]")
    parser.add_argument("--sent", type=int, default=100_000, help="memory: stop after so many messages [100000]")
    return parser


def _compare(bench: Bench, arguments: argparse.Namespace) -> None:
    share = (arguments.messages or (_FULL // 25 if arguments.quick else _FULL)) / _FULL
    runs = arguments.runs or (1 if arguments.quick else 5)
    only = set(arguments.only.split(",")) if arguments.only else None
    delays = [parse_delay(text) for text in arguments.delays.split(",")]
    _tell_setting(runs)
    ways = _available([way for way in WAYS if only is None or way.name in only])
    results = _all_delays(bench, ways, delays, share, runs)
    _print_table(ways, results)
    print("\nBars")
    flat = {(name, delay): figures for delay, by_way in results.items() for name, figures in by_way.items()}
    _print_bars(flat)
    _print_special(bench, only, share, 1 if arguments.quick else min(runs, 3))
    print("memory and time to the first message: python -m benchmarks.delivery.run memory")


def _tell_setting(runs: int) -> None:
    sender, sink = cores()
    where = f"sender on core {min(sender)}, sink on core {min(sink)}" if sender != sink else "one core for both"
    kind = "sink.c" if compiled_sink() else "sink_asyncio.py (no C compiler: figures are those of a slow sink)"
    print(f"73 KB multipart message; {where}; {kind}; medians of {runs}; load {os.getloadavg()[0]:.1f}")


def _available(ways: Sequence[Way]) -> list[Way]:
    for way in ways:
        if way.missing:
            print(f"skipped: {way.title}: {way.missing}")
    return [way for way in ways if not way.missing]


def _all_delays(
    bench: Bench, ways: Sequence[Way], delays: Sequence[int], share: float, runs: int
) -> dict[int, dict[str, Figures]]:
    """Medians by delay and way. Every way has its turn in each round, so that a busy minute harms all alike; Ctrl-C
    ends the measuring, and what was measured by then counts."""
    found: dict[int, dict[str, list[Figures]]] = {delay: {} for delay in delays}
    try:
        for number, delay, way in itertools.product(range(runs), delays, ways):
            if delay and not way.at_delays:
                continue
            _progress(f"run {number + 1} of {runs}, delay {delay / 1000:g} ms: {way.title}")
            try:
                found[delay].setdefault(way.name, []).append(run_way(bench, way, delay_us=delay, share=share))
            except RunError as fault:
                _progress("")
                print(f"FAILED: {fault}", flush=True)
    except KeyboardInterrupt:
        print("interrupted: the medians are of fewer runs")
    _progress("")
    return {delay: {name: medians(some) for name, some in by_way.items() if some} for delay, by_way in found.items()}


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{text}\x1b[K", end="", file=sys.stderr, flush=True)


def _print_table(ways: Sequence[Way], results: dict[int, dict[str, Figures]]) -> None:
    """CPU is that of the run without a delay, or of the shortest there is."""
    near = results[min(results)]
    base = near.get("smtp-source")
    heads = "".join(f"{f'{delay / 1000:g} ms: msg/s':>18}" for delay in results)
    print(f"\n{'way':<44}{'CPU µs/msg':>12}{'× smtp-source':>15}{heads}")
    for way in ways:
        figures = near.get(way.name)
        if figures is None:
            continue
        ratio = f"{figures.cpu_us / base.cpu_us:.2f}" if base else ""
        rates = "".join(f"{_rate_cell(by_way, way.name):>18}" for by_way in results.values())
        print(f"{way.title:<44}{figures.cpu_us:>12,.1f}{ratio:>15}{rates}")


def _rate_cell(by_way: dict[str, Figures], name: str) -> str:
    figures, base = by_way.get(name), by_way.get("smtp-source")
    if figures is None:
        return ""
    return f"{figures.rate:,.0f}" + (f" ({figures.rate / base.rate:.2f} ×)" if base else "")


def _engines() -> list[Engine]:
    return [each for each in ENGINES if each.is_here]


def _print_bars(results: bars.Results) -> None:
    for each in _engines():
        if each.has_journal and (f"{each.name}-none", 0) in results:
            print(f"{each.title}:")
            for verdict in bars.cpu_bars(results, each.name):
                print(f"  {verdict.line()}")
    for verdict in bars.far_bars(results, pipelined="data", chunked="bdat"):
        print(verdict.line())


def _print_special(bench: Bench, only: set[str] | None, share: float, runs: int) -> None:
    """With the last engine of the table that is there."""
    best, readers = _engines()[-1], max(200, int(5000 * share))
    if only is None or "processes" in only:
        for database, (ones, twos) in special.measured_processes(bench, best, readers, runs).items():
            print(bars.process_bar(database, medians(ones), medians(twos)).line() + f" ({best.title})")
    if only is None or "tls" in only:
        pairs = [[special.run_tls(bench, best, tls=tls, readers=readers) for tls in (False, True)] for _ in range(runs)]
        plain, tls = (medians([pair[at] for pair in pairs]) for at in (0, 1))
        print(bars.tls_bar(plain, tls).line() + f" ({best.title})")


if __name__ == "__main__":
    main()
