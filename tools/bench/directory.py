# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Active Directory: thousands of users through the wire against ldap3 as it comes, and a group of many members that changes a little.

The wire is measured in this process, as ldap3 is: what a task adds, the other parts measure.
"""

from __future__ import annotations

import collections
import contextlib
import pathlib
import time
import typing as t

import ldap3
import yaml

from ansible_collections.m365.hybrid.plugins.module_utils import _ldap_docs
from ansible_collections.m365.hybrid.plugins.module_utils._core import rpc
from ansible_collections.m365.hybrid.plugins.module_utils._core.run import Task
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer, Modification
from ansible_collections.m365.hybrid.plugins.modules.ad_group import MODULE as AD_GROUP
from ansible_collections.m365.hybrid.plugins.plugin_utils import ldap_options
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import Call, ldap
from tools.bench.figures import Figure, median, paired
from tools.bench.playing import BenchFailed

USERS = 10_000
MEMBERS = 20_000
CHANGES = 10
ROUNDS = 5
TARGET = 1.2
_FILTER = "(&(objectCategory=person)(objectClass=user))"
_ASKED = ("sAMAccountName", "userPrincipalName", "displayName", "mail", "proxyAddresses", "objectGUID", "userAccountControl", "whenChanged")
_BASE = "DC=contoso,DC=com"
_AT_ONCE = 1000


class Counted:
    """A session on the wire that counts its operations."""

    wire, endpoint, target = "ldap", "ldap", "ldap on localhost"

    def __init__(self, wire: ldap.Directory) -> None:
        self._wire = wire
        self.counts: collections.Counter[str] = collections.Counter()

    def __getattr__(self, operation: str) -> t.Callable[..., Answer]:
        if operation.startswith("_"):
            raise AttributeError(operation)
        names = {"add": ("name", "attributes"), "modify": ("name", "changes"), "delete": ("name",), "rename": ("name", "rdn", "parent")}
        defaults: dict[str, dict[str, t.Any]] = {
            "search": {"text": "(objectClass=*)", "scope": "subtree", "attributes": ("*",), "deleted": False, "limit": None}
        }

        def operate(*given: t.Any, **more: t.Any) -> Answer:
            self.counts[operation] += 1
            arguments = defaults.get(operation, {}) | dict(zip(names.get(operation, ("base", "text")), given, strict=False)) | more
            if operation == "modify":
                arguments["changes"] = [[one.how, one.attribute, list(one.values)] for one in arguments["changes"]]
            return self._wire.operate(Call(600), operation, rpc.decode(rpc.encode(arguments)))

        return operate


@contextlib.contextmanager
def connected(access: t.Mapping[str, t.Any], ca_cert: str) -> t.Iterator[Counted]:
    given = {option.name: option.default for option in _ldap_docs.OPTIONS}
    given |= {"host": ["localhost"], "tcp_port": access["ldaps_port"], "user": access["user"], "password": access["password"], "ca_cert": ca_cert}
    wire = t.cast(ldap.Directory, ldap.open_wire(ldap_options.resolve(given.get)))
    wire.open()
    try:
        yield Counted(wire)
    finally:
        wire.close()


def bare(access: t.Mapping[str, t.Any], ca_cert: str) -> float:
    """Seconds of the same list with ldap3 as it comes, its schema left out, which makes it fastest."""
    server = ldap3.Server("localhost", access["ldaps_port"], use_ssl=True, tls=ldap3.Tls(validate=2, ca_certs_file=ca_cert), get_info=ldap3.NONE)
    with ldap3.Connection(server, access["user"], access["password"], auto_bind=True) as connection:
        started = time.monotonic()
        found = connection.extend.standard.paged_search(_BASE, _FILTER, attributes=list(_ASKED), paged_size=_AT_ONCE, generator=False)
        took = time.monotonic() - started
    _enough(len(found))
    return took


def ours(session: Counted) -> float:
    started = time.monotonic()
    found = session.search(None, _FILTER, attributes=_ASKED).output
    took = time.monotonic() - started
    _enough(len(found))
    return took


def _enough(count: int) -> None:
    if count < USERS:
        raise BenchFailed(f"the directory has {count} users instead of {USERS}")


def figures(lab: pathlib.Path) -> list[Figure]:
    credentials = yaml.safe_load((lab.parent / "credentials.yml").read_text(encoding="utf-8"))
    access, ca_cert = credentials["dc01"], credentials["ca_cert"]
    with connected(access, ca_cert) as session:
        pairs = [(ours(session), bare(access, ca_cert)) for _round in range(ROUNDS)]
        reading = paired("directory_read_ratio", [one for one, _other in pairs], [other for _one, other in pairs], TARGET, users=USERS, attributes=len(_ASKED))
        return [reading, *_group(session)]


def _group(session: Counted) -> list[Figure]:
    """A group with many members, of which few change: how often it is read and written for that."""
    members = _members(session)
    name = f"CN=Many,CN=Users,{_BASE}"
    session.add(name, {"objectClass": ["group"], "sAMAccountName": ["Many"]})
    half = CHANGES // 2
    for start in range(0, MEMBERS, _AT_ONCE):
        session.modify(name, [Modification("add", "member", members[start : start + _AT_ONCE])])
    session.counts.clear()
    wanted = {"add": members[MEMBERS : MEMBERS + half], "remove": members[:half]}
    started = time.monotonic()
    options = AD_GROUP.validate({"identity": "Many", "members": wanted})
    result = AD_GROUP.run(lambda: t.cast(t.Any, session), Task(options))
    took = time.monotonic() - started
    if result.get("failed") or not result["changed"]:
        raise BenchFailed(f"the group did not change: {result.get('msg')}")
    detail = {"members": MEMBERS, "changes": CHANGES, "operations": dict(session.counts)}
    return [
        Figure("directory_group_writes", session.counts["modify"], "modifications", 1, detail, exact=True),
        Figure("directory_group_seconds", median([took]), "s", None, detail),
    ]


def _members(session: Counted) -> list[str]:
    """The names of as many objects as the group needs: the users, and contacts for the rest."""
    found = [one["dn"] for one in session.search(None, _FILTER, attributes=("cn",)).output]
    place = f"OU=Bench,{_BASE}"
    session.add(place, {"objectClass": ["organizationalUnit"]})
    for number in range(max(0, MEMBERS + CHANGES - len(found))):
        found.append(f"CN=Contact {number},{place}")
        session.add(found[-1], {"objectClass": ["contact"]})
    return found
