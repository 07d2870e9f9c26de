# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The arithmetic of ``make bench``, its file and its table; nothing is measured here."""

from __future__ import annotations

import json
import statistics

import pytest

from tools.bench import passing, throttled
from tools.bench.bulking import memory_figures
from tools.bench.callbacks import task_clock
from tools.bench.figures import Figure, document, median, ordered, paired, ratio, rounded, table
from tools.bench.playing import BenchFailed, TaskTime, seconds
from tools.bench.reading import Collected


def test_a_ratio_is_of_medians_so_that_one_slow_repetition_does_not_count() -> None:
    figure = ratio("x", [0.1, 0.1, 9.0], [0.5, 0.4, 0.6, 0.5], 0.3, size=7)
    assert figure.value == 0.2
    assert figure.met
    assert figure.detail == {"ours": 0.1, "theirs": 0.5, "repetitions": [3, 4], "ours_range": [0.1, 9.0], "theirs_range": [0.4, 0.6], "size": 7}


@pytest.mark.parametrize(
    ("value", "target", "exact", "met"), [(0.3, 0.3, False, True), (0.31, 0.3, False, False), (1, 1, True, True), (0, 1, True, False), (9, None, False, True)]
)
def test_a_target_is_an_upper_limit_or_the_only_value(value: float, target: float | None, exact: bool, met: bool) -> None:
    assert Figure("x", value, "s", target, exact=exact).met is met


def test_runs_that_took_turns_are_compared_pair_by_pair() -> None:
    figure = paired("x", [1.0, 20.0, 1.2], [2.0, 40.0, 1.0], 0.6)
    assert (figure.value, figure.met, figure.detail["repetitions"]) == (0.5, True, 3)


def test_memory_that_grows_with_the_objects_grows_by_one() -> None:
    sizes = {10: {"worker": 20.0, "worker_first": 10.0, "broker": 30.0, "broker_first": 10.0}}
    sizes[50] = {"worker": 60.0, "worker_first": 10.0, "broker": 210.0, "broker_first": 10.0}
    found = {one.name: (one.value, one.met) for one in memory_figures(sizes)}
    assert found["bulk_worker_memory_50"] == (60.0, True)
    assert (found["bulk_worker_memory_growth"], found["bulk_broker_memory_growth"]) == ((1.0, True), (2.0, False))


def test_numbers_have_four_digits() -> None:
    assert (rounded(0.0123456), rounded(12345.6), median([1.0, 2.00004])) == (0.01235, 12350.0, 1.5)


def test_nothing_measured_is_an_error_and_not_zero() -> None:
    with pytest.raises(statistics.StatisticsError):
        ratio("x", [], [1.0], 1.0)


def test_the_file_holds_every_figure_ratios_first() -> None:
    figures = [Figure("memory", 50, "MB", 60, {"a": 1}), Figure("slow", 0.5, "ratio", 0.3), Figure("seconds", 2.0, "s", None)]
    assert [one.name for one in ordered(figures)] == ["slow", "memory", "seconds"]
    assert json.loads(document(figures))["figures"] == [
        {"name": "slow", "value": 0.5, "unit": "ratio", "target": 0.3, "met": False, "detail": {}},
        {"name": "memory", "value": 50, "unit": "MB", "target": 60, "met": True, "detail": {"a": 1}},
        {"name": "seconds", "value": 2.0, "unit": "s", "target": None, "met": True, "detail": {}},
    ]


def test_the_table_shows_a_missed_target() -> None:
    lines = table(
        [Figure("slow", 0.5, "ratio", 0.3, {"ours": 1.5, "range": [1, 2]}), Figure("opened", 1, "sessions", 1, exact=True), Figure("t", 2, "s", None)]
    )
    assert [line.split() for line in lines.splitlines()] == [
        ["figure", "value", "target", "made", "of"],
        ["slow", "0.5", "<=", "0.3", "MISSED", "ours", "1.5"],
        ["opened", "1", "sessions", "=", "1", "met"],
        ["t", "2", "s", "-"],
    ]


@pytest.mark.parametrize(("missing", "twice", "met"), [(0, 0, True), (1, 0, False), (0, 1, False), (1, 1, False)])
def test_a_write_that_was_lost_is_not_made_up_for_by_one_that_was_sent_twice(missing: int, twice: int, met: bool) -> None:
    sent = {str(number): 1 + (number < twice) for number in range(throttled.OBJECTS - missing)}
    figure = throttled.astray("x", sent, {"refused": 9, "seconds": 1.0})
    assert (figure.met, figure.value, figure.detail["lost"], figure.detail["again"]) == (met, missing + twice, missing, twice)
    with pytest.raises(BenchFailed):
        throttled.astray("x", sent, {"refused": 0, "seconds": 1.0})


def test_only_the_times_of_the_named_task_count() -> None:
    assert seconds([TaskTime("a", 1.0, {}), TaskTime("b", 2.0, {}), TaskTime("a", 3.0, {})], "a") == [1.0, 3.0]


def test_memory_is_read_from_the_kernel_in_bytes() -> None:
    assert task_clock.sizes("Name:\tpython\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\nThreads:\t3\n") == (1024 * 1024, 2048 * 1024)


def test_the_large_result_has_its_size() -> None:
    assert len(json.dumps(passing.rows(2), ensure_ascii=False).encode()) == pytest.approx(2_000_000, rel=0.01)


def test_the_mere_transport_joins_fragments_and_makes_nothing_of_them() -> None:
    message = bytes(4) + (0x00041004).to_bytes(4, "little") + bytes(32) + b"\xef\xbb\xbf<S>x</S>"
    parts = (message[:30], message[30:])
    data = b"".join((7).to_bytes(8, "big") + bytes(8) + bytes([number * 2]) + len(part).to_bytes(4, "big") + part for number, part in enumerate(parts))
    collected = Collected(32768, None)
    assert collected.defragment(data) == []
    assert collected.objects == [b"<S>x</S>"]
