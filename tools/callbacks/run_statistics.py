# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes the statistics of a play run to the file that RUN_STATISTICS names, as JSON: {host: {ok, changed, failures, unreachable, ...}}."""

from __future__ import annotations

import json
import os
import pathlib
import typing as t

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: run_statistics
type: aggregate
short_description: Statistics of a run as JSON
description: Writes the statistics of a run to the file named by the environment variable RUN_STATISTICS.
"""


class CallbackModule(CallbackBase):
    """The recap, for programs."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "run_statistics"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_stats(self, stats: t.Any) -> None:
        path = os.environ.get("RUN_STATISTICS")
        if path:
            summary = {host: stats.summarize(host) for host in stats.processed}
            pathlib.Path(path).write_text(json.dumps(summary), encoding="utf-8")
