#!/usr/bin/python
# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: audit_timeline
short_description: Merge the entries of audit logs into one timeline
version_added: 1.0.0
author: The m365.hybrid authors (@m365-hybrid)
description:
  - >-
    Merges files with entries of the administrator audit log, the unified audit log, the directory audits of Entra ID and the collection's own records into
    one timeline - who, what, when in UTC, where, old value, new value - and writes it as JSON, as CSV and as one page of HTML.
  - It runs on the control node, whatever the host is, and talks to nobody. The role P(m365.hybrid.change_audit#role) reads the logs and uses it.
  - >-
    Every output says how whole each source is. A source that is truncated, turned off, refused or unreachable never fails the task, and is never left out
    of the outputs.
  - >-
    Entries are sorted by the thousand in files without a name, so that any number of them needs little memory. The newest comes first; entries of the same
    moment come in the order of O(sources), then of their IDs.
  - >-
    An entry that was read twice from logs of one kind is there once. A change that logs of two kinds have is there twice, and the one that is listed later
    says so in C(same_as). That is concluded from the kind of thing, a common name and less than a minute between them, and so may be wrong.
  - >-
    Old values that a log does not have are the word V(unknown), with C(old_known) false; so are new values that nobody knows, with C(new_known) false. The
    administrator audit log has old values at log level V(verbose) only.
  - Cells of CSV that a spreadsheet program would take as a formula begin with an apostrophe.
options:
  sources:
    description: Where the entries come from.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: What the outputs call the source; each has a name of its own.
        type: str
        required: true
      kind:
        description:
          - V(admin_audit_log) - entries of M(m365.hybrid.exchange_admin_audit_log_info).
          - V(unified_audit_log) - entries of M(m365.hybrid.exchange_unified_audit_info).
          - V(directory_audits) - entries of M(m365.hybrid.entra_directory_audit_info).
          - V(records) - what P(m365.hybrid.change_record#callback) recorded of the collection's own changes.
        type: str
        required: true
        choices: [admin_audit_log, unified_audit_log, directory_audits, records]
      path:
        description: The file on the control node with one entry a line, as C(path) of these modules writes it.
        type: path
      result:
        description: What the module that wrote the file returned, also where it failed. The state of the source is concluded from it.
        type: dict
  since:
    description: Only entries of this time and later, for example V(2026-03-01T10:00:00Z). A time without zone is taken as UTC.
    type: str
  until:
    description: Only entries before this time.
    type: str
  people:
    description:
      - Only what these people or applications did.
      - Each is a name as a log has it, or its part after the last slash; C(*) and C(?) stand for other characters.
    type: list
    elements: str
  objects:
    description: Only what was done to these objects, given in the same way by any of their names.
    type: list
    elements: str
  kinds:
    description: >-
      Only what was done to things of these kinds, for example V(mailbox), V(remote_domain), V(user) or V(*_permission): as the modules of this
      collection are called, without their first word, or as the log calls them (V(auto_reply) or V(mailbox_auto_reply_configuration)).
    type: list
    elements: str
  operations:
    description: Only these operations.
    type: list
    elements: str
    choices: [create, change, remove, other]
  title:
    description: What the page and the JSON are called.
    type: str
    default: Who changed what
  json_file:
    description:
      - A file for the timeline as one JSON object, with a line for each entry.
      - As the other two, it is replaced only where something differs, is readable for its owner only, and is not written in check mode.
    type: path
  csv_file:
    description: A file for the timeline as a table for spreadsheet programs, with a line for each property that was changed.
    type: path
  html_file:
    description:
      - A file for the timeline as one page that needs no other file and no network.
      - It can be filtered and sorted; where scripts do not run it is a plain table.
    type: path
  html_rows:
    description: How many entries, the newest, the page shows. Where there are more, it says so and names the other files, which have all of them.
    type: int
    default: 2000
attributes:
  platform:
    description: What the module manages.
    support: full
    platforms: files on the control node
  action_group:
    description: Use C(group/m365.hybrid.all) in C(module_defaults) to set options of all modules of the group.
    support: full
    membership: [m365.hybrid.all]
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying target.
    support: full
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: none
    details: The files may be very large.
  idempotent:
    description: When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
    support: full
  async:
    description: Supports being used with the C(async) keyword.
    support: none
    details: C(async) is refused before anything is done.
seealso:
  - module: m365.hybrid.exchange_admin_audit_log_info
  - module: m365.hybrid.exchange_unified_audit_info
  - module: m365.hybrid.entra_directory_audit_info
"""

EXAMPLES = r"""
- name: Everything that administrators did on both sides
  m365.hybrid.audit_timeline:
    sources:
      - name: Exchange on-premises
        kind: admin_audit_log
        path: admin-audit.jsonl
      - name: Directory of contoso.com
        kind: directory_audits
        path: directory-audits.jsonl
    html_file: timeline.html
  register: timeline

- name: Who touched the forwarding of mailboxes in March?
  m365.hybrid.audit_timeline:
    sources:
      - name: This collection
        kind: records
        path: changes.jsonl
    since: 2026-03-01
    until: 2026-04-01
    kinds: [mailbox, remote_domain, outbound_spam_*]
    csv_file: forwarding.csv
    json_file: forwarding.json
"""

RETURN = r"""
count:
  description: How many entries the timeline has.
  returned: success
  type: int
  sample: 412
shown:
  description: How many of them the page shows.
  returned: success
  type: int
  sample: 412
sources:
  description: How whole each source is.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      type: str
    kind:
      description: Its kind.
      type: str
    state:
      description:
        - V(complete), V(partial) where the log may not hold every change, V(truncated), V(disabled) where the log is turned off,
          V(refused) for a missing permission, V(unreachable), V(failed), or V(not_asked).
      type: str
    reason:
      description: Why it is not complete; null where it is.
      type: str
    notes:
      description: What else is to be known of it, for example for how long its log keeps entries.
      type: list
      elements: str
    read:
      description: How many changes it has.
      type: int
    count:
      description: How many of them were chosen.
      type: int
  sample:
    - {name: Exchange on-premises, kind: admin_audit_log, state: complete, reason: null, notes: [], read: 412, count: 400}
    - {name: Directory of contoso.com, kind: directory_audits, state: refused, reason: The application lacks AuditLog.Read.All., notes: [], read: 0, count: 0}
files:
  description: The files by the option that named them.
  returned: success
  type: dict
  sample: {html_file: timeline.html}
"""

from ansible_collections.m365.hybrid.plugins.module_utils._audit.timeline import TimelineModule

MODULE = TimelineModule(DOCUMENTATION)


def main() -> None:
    MODULE.main()


if __name__ == "__main__":
    main()
