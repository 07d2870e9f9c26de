# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Get- and Set-MailboxAutoReplyConfiguration: out-of-office replies."""

from __future__ import annotations

import datetime
import html
import re
import typing as t

from hybridlab.exchange import failures
from hybridlab.exchange.call import Call
from hybridlab.exchange.directory import EPOCH
from hybridlab.exchange.mailbox_settings import STORE_TYPES, Sheet, get, owned, owner
from hybridlab.exchange.mailbox_table import table
from hybridlab.records import Record

ROWS = """
AutoReplyState                          enum        Disabled:Enabled,Disabled,Scheduled
EndTime                                 date?       -
ExternalAudience                        enum        All:None,Known,All
ExternalMessage                         =text?      -
InternalMessage                         =text?      -
StartTime                               date?       -
"""
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)((?:[^>\"']|\"[^\"]*\"|'[^']*')*)/?>")
_ATTRIBUTE = re.compile(r"([A-Za-z-]+)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>/]+)")


def cleaned(value: str | None) -> str | None:
    """A message as Exchange keeps it: small tags, quoted attributes, entities, no comments or scripts, and a document around it."""
    if not value:
        return None
    text = re.sub(r"(?is)<!--.*?-->|<script.*?</script>", "", value)
    body = re.search(r"(?is)<body[^>]*>(.*)</body>", text)
    inner = re.sub(r"(?i)</?(html|body)[^>]*>", "", body.group(1) if body else text).strip()
    parts, at = [], 0
    for match in _TAG.finditer(inner):
        parts += [_escaped(inner[at : match.start()]), _tag(match)]
        at = match.end()
    parts.append(_escaped(inner[at:]))
    return f"<html>\r\n<body>\r\n{''.join(parts)}\r\n</body>\r\n</html>\r\n"


def _escaped(text: str) -> str:
    return html.escape(html.unescape(text), quote=False).replace("\r\n", "\n").replace("\n", "\r\n")


def _tag(match: re.Match[str]) -> str:
    closing = match.group().startswith("</")
    attributes = "".join(f' {name.lower()}="{value.strip(chr(34) + chr(39))}"' for name, value in _ATTRIBUTE.findall(match.group(2)))
    return f"</{match.group(1).lower()}>" if closing else f"<{match.group(1).lower()}{attributes}>"


SHEET = Sheet(
    "MailboxAutoReplyConfiguration",
    table(ROWS),
    ("Microsoft.Exchange.Data.Storage.Management.MailboxAutoReplyConfiguration", *STORE_TYPES),
    owned,
    lambda entry: {"StartTime": EPOCH, "EndTime": EPOCH + datetime.timedelta(days=1)},  # shown even where there never was a schedule
)


def set_auto_reply(call: Call) -> t.Iterable[Record]:
    entry = owner(call)
    messages = dict.fromkeys(("InternalMessage", "ExternalMessage"), cleaned)
    changes = SHEET.changes(call, entry, messages)
    after = {name: changes.get(name, SHEET.read(entry, name)) for name in ("AutoReplyState", "StartTime", "EndTime")}
    if after["AutoReplyState"] == "Scheduled" and changes.keys() & after.keys():
        if after["EndTime"] <= after["StartTime"] or after["EndTime"] <= datetime.datetime.now(datetime.UTC):
            text = "The duration of the scheduled automatic replies isn't valid: the end must be later than the start, and in the future."
            raise failures.refused(text, "InvalidScheduledOofDuration", "InvalidArgument")
    return SHEET.write(call, entry, changes)


HANDLERS = {"Get-MailboxAutoReplyConfiguration": get(SHEET), "Set-MailboxAutoReplyConfiguration": set_auto_reply}
