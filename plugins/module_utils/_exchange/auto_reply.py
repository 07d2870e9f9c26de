# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Set-MailboxAutoReplyConfiguration does otherwise than the rule says."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import html_text
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, Options

FIELDS = (
    *(Field(name, codec="timestamp") for name in ("start_time", "end_time")),
    *(Field(name, codec=html_text.MESSAGE) for name in ("internal_message", "external_message")),
)

_SCHEDULE = ("auto_reply_state", "start_time", "end_time")


class AutoReply(CmdletResource):
    """The automatic replies of one mailbox."""

    facts = ()
    owners = ("Mailbox",)

    def idle(self, state: plan.State) -> t.Collection[str]:
        """Exchange always shows a time, also where nothing is scheduled."""
        return () if state.get("auto_reply_state") == "scheduled" else ("start_time", "end_time")

    def wanted(self, session: Session, options: Options, current: plan.State | None) -> plan.State:
        wanted = super().wanted(session, options, current)
        before = current or {}
        after = {**before, **wanted}
        if after.get("auto_reply_state") == "scheduled" and any(after.get(name) != before.get(name) for name in _SCHEDULE):
            _refuse_impossible(before, wanted, after)
        return wanted


def _refuse_impossible(before: plan.State, wanted: plan.State, after: plan.State) -> None:
    """A new schedule that Exchange would refuse (InvalidScheduledOofDuration), or that nobody asked for."""
    missing = [name for name in ("start_time", "end_time") if name not in wanted]
    if before.get("auto_reply_state") != "scheduled" and missing:
        raise UsageError(f"auto_reply_state is to become scheduled, which needs {' and '.join(missing)}, too")
    start, end = after.get("start_time"), after.get("end_time")
    # ISO 8601 in UTC, so that the order of texts is that of times
    if not start or not end or end <= start:
        raise UsageError(f"scheduled replies would begin {start or 'never'} and end {end or 'never'}; the end must be after the beginning")
    if end <= str(values.timestamp(datetime.datetime.now(datetime.UTC))):
        raise UsageError(f"scheduled replies would have ended {end}; the end must be in the future")
