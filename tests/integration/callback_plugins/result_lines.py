# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes every result of a run to the file that RESULT_LINES names, one JSON object per line: {host, task, action, status, item, result}."""

from __future__ import annotations

import json
import os
import typing as t

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: result_lines
type: aggregate
short_description: Results as JSON lines
description: Writes each result to the file named by the environment variable RESULT_LINES.
"""


class CallbackModule(CallbackBase):
    """What callbacks of users are handed, for tests: already censored by ansible-core where no_log says so."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "result_lines"
    CALLBACK_NEEDS_ENABLED = True

    def _write(self, status: str, result: t.Any, item: bool = False) -> None:
        line = {
            "host": result._host.get_name(),
            "task": result._task.get_name(),
            "action": result._task.action,
            "status": status,
            "item": item,
            "result": result._result,
        }
        with open(os.environ["RESULT_LINES"], "a", encoding="utf-8") as file:
            file.write(json.dumps(line, default=str) + "\n")

    def v2_runner_on_ok(self, result: t.Any) -> None:
        self._write("ok", result)

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        self._write("failed", result)

    def v2_runner_on_unreachable(self, result: t.Any) -> None:
        self._write("unreachable", result)

    def v2_runner_on_skipped(self, result: t.Any) -> None:
        self._write("skipped", result)

    def v2_runner_retry(self, result: t.Any) -> None:
        self._write("retry", result)

    def v2_runner_item_on_ok(self, result: t.Any) -> None:
        self._write("ok", result, True)

    def v2_runner_item_on_failed(self, result: t.Any) -> None:
        self._write("failed", result, True)

    def v2_runner_item_on_skipped(self, result: t.Any) -> None:
        self._write("skipped", result, True)
