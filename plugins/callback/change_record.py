# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: change_record
type: notification
short_description: Record every change with the values before and after
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - >-
    Appends one line of JSON to a file for each object that a module of this collection changed - in a loop one for each item, of P(m365.hybrid.bulk#module)
    one for each object - and for each change that a module of another collection made in a role of this one.
  - >-
    A record has the keys C(time) (UTC), C(run) (an ID of the run), C(user) (the account that runs Ansible), C(awx) (the job of AWX, its template and who
    launched it; null elsewhere), C(host), C(delegated_to), C(target) (what was talked to), C(play), C(task) (the name as it is written, without values of
    variables), C(role), C(module), C(object), C(check_mode), C(failed), C(no_log), C(before_known), C(after_known), C(changes) (each with C(property),
    C(before) and C(after)), C(before) and C(after) (the values together; null where the object did not exist, or where C(before_known) or C(after_known) is
    false).
  - >-
    Nothing is invented. Modules of other collections say old values only with C(--diff), and some never; then C(before_known) is false. A change that failed in
    the middle has C(failed) true, and C(after_known) false.
  - Secrets are not in it, neither those of options nor those of connections. A task with C(no_log) is recorded without its object and its values.
  - >-
    The record is written by whoever does the change as soon as the change is known, so a run that is cancelled leaves what it did. Results, and with them
    what the terminal and AWX show, are the same as without this plugin.
  - A file that cannot be written is one warning. It never makes a task or a play fail.
requirements:
  - enable in configuration, with C(callbacks_enabled = m365.hybrid.change_record) in the section C(defaults) of C(ansible.cfg) or C(ANSIBLE_CALLBACKS_ENABLED)
options:
  path:
    description:
      - The file. It is made with mode 0600 where it is missing; its folder must exist. Several runs may write to one file at a time.
      - In an execution environment it should be a path that outlives the container.
    type: path
    default: '{{ ANSIBLE_HOME ~ "/change_record.jsonl" }}'
    ini:
      - section: m365_hybrid
        key: change_record_path
    env:
      - name: M365_CHANGE_RECORD_PATH
  check_mode:
    description: Whether to record what check mode says would be changed, too.
    type: bool
    default: false
    ini:
      - section: m365_hybrid
        key: change_record_check_mode
    env:
      - name: M365_CHANGE_RECORD_CHECK_MODE
seealso:
  - module: m365.hybrid.exchange_admin_audit_log_info
  - module: m365.hybrid.exchange_unified_audit_info
  - module: m365.hybrid.entra_directory_audit_info
"""

import getpass
import os
import typing as t
import uuid

from ansible.plugins.callback import CallbackBase

from ansible_collections.m365.hybrid.plugins.module_utils._core import record
from ansible_collections.m365.hybrid.plugins.plugin_utils import recording


class CallbackModule(CallbackBase):
    """Tells the workers where they record, and records what others changed in roles of the collection."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "m365.hybrid.change_record"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *args: t.Any, **kwargs: t.Any) -> None:
        super().__init__(*args, **kwargs)
        self._known: record.Row = {"run": str(uuid.uuid4()), "user": _user(), "awx": None, "play": None}
        self._place: record.Place | None = None
        self._tried = False

    def v2_playbook_on_play_start(self, play: t.Any) -> None:
        manager = play.get_variable_manager()
        self._known |= {"play": play.get_name(), "awx": recording.launched(manager.extra_vars if manager else {})}
        if self._place or (not self._tried and self._usable()):
            self._place = record.Place(str(self.get_option("path")), bool(self.get_option("check_mode")), os.getpid(), known=dict(self._known))
            os.environ[record.VARIABLE] = self._place.as_text()

    def _usable(self) -> bool:
        """Whether the file can be written; it is made, and what is wrong is said once."""
        self._tried, path = True, str(self.get_option("path"))
        try:
            record.append(path, "")
        except (OSError, ValueError) as error:
            self._display.warning(record.not_written(path, error))
            return False
        return True

    def v2_runner_on_ok(self, result: t.Any) -> None:
        self._others(result)

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        self._others(result)

    def v2_runner_item_on_ok(self, result: t.Any) -> None:
        self._others(result)

    def v2_runner_item_on_failed(self, result: t.Any) -> None:
        self._others(result)

    def _others(self, result: t.Any) -> None:
        """Record what a module of another collection changed in a role of this one."""
        found = recording.of_result(result)
        if self._place is not None and found is not None:
            record.Recorder(self._place, lambda row: row, self._display.warning)(found)

    def v2_playbook_on_stats(self, stats: t.Any) -> None:
        if self._place is not None:
            os.environ.pop(record.VARIABLE, None)


def _user() -> str | None:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's number that no account has
        return str(os.getuid())
