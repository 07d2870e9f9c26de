# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Active Directory over LDAP: searches with their own paging and their own reading of long attributes, and changes that are never sent twice."""

from __future__ import annotations

import threading
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import errors
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Answer, Secret
from ansible_collections.m365.hybrid.plugins.module_utils._directory import attributes as schema
from ansible_collections.m365.hybrid.plugins.module_utils._directory import codec
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires import Call, Wire, ldap_errors, libraries, pool
from ansible_collections.m365.hybrid.plugins.plugin_utils._wires.ldap_link import Link, Login

_PAGED = "1.2.840.113556.1.4.319"
_TREE_DELETE = "1.2.840.113556.1.4.805"
_DESCRIPTOR_FLAGS = "1.2.840.113556.1.4.801"
_SHOW_DELETED = "1.2.840.113556.1.4.417"
_SCOPES = {"base": "BASE", "onelevel": "LEVEL", "subtree": "SUBTREE"}
_PARTITIONS = {"configuration": "configurationNamingContext", "schema": "schemaNamingContext"}
_GLOBAL_CATALOGUE = (3268, 3269)
"""Ports at which the name of nothing stands for the whole forest ([MS-ADTS] 3.1.1.3.1.3.1)."""
_OPERATIONS = ("search", "add", "modify", "delete", "rename")
_HOW = {"add": "MODIFY_ADD", "delete": "MODIFY_DELETE", "replace": "MODIFY_REPLACE"}
_OWNER_GROUP_AND_RIGHTS = bytes((0x30, 0x03, 0x02, 0x01, 0x07))
"""The parts of a security descriptor that an account without the right to see its auditing may read; BER, [MS-ADTS] 3.1.1.3.4.1.11."""
_RIGHTS_ALONE = bytes((0x30, 0x03, 0x02, 0x01, 0x04))
Entry = dict[str, t.Any]


def open_wire(options: t.Mapping[str, t.Any]) -> Wire:
    """The wire for the options that the connection plugin resolved.  Raises `MissingLibrary` and `UsageError`."""
    libraries.require_ldap(options["auth"])
    login = Login(options)
    return Directory(options, lambda order, prefer: Link(login, order, prefer))


NewLink = t.Callable[[t.Callable[[], list[str]], t.Callable[[str], None]], Link]
"""Makes a connection that is not open yet, given the hosts to try, and whom to tell which of them answered."""


class Directory(pool.Pool[Link]):
    """One domain controller under one identity."""

    wire = "ldap"

    def __init__(self, options: t.Mapping[str, t.Any], new: NewLink) -> None:
        target = f"ldap on {options['host'][0]}"
        retry, once = float(options["retry_timeout"]), bool(options["password"])
        super().__init__(lambda: new(self._order, self._prefer), target, "ldap", int(options["max_connections"]), retry, once)
        self._given: list[str] = list(options["host"])
        self._protected = options["encryption"] != "none"
        catalogue = options["port"] in _GLOBAL_CATALOGUE
        self._base, self._page = options["base"] or ("" if catalogue else None), int(options["page_size"])
        self._learning = threading.Lock()
        self._contexts: dict[str, list[str]] = {}
        self._schema: schema.Schema | None = None

    def _order(self) -> list[str]:
        """The hosts to try: the one that serves the run first, so that what was written is read again."""
        start = self._given.index(self._current())
        return [*self._given[start:], *self._given[:start]]

    def _current(self) -> str:
        return self.target.removeprefix("ldap on ")

    def _prefer(self, host: str) -> None:
        self.target = f"ldap on {host}"

    def invoke(self, call: Call, cmdlet: str, parameters: t.Mapping[str, t.Any], properties: t.Collection[str] | None) -> Answer:
        raise errors.UsageError(
            f"{self.target} is a directory and knows no cmdlets", advice="Run Exchange modules with ansible_connection: m365.hybrid.powershell"
        )

    def operate(self, call: Call, operation: str, arguments: t.Mapping[str, t.Any]) -> Answer:
        """One of `_OPERATIONS`, as `session.DirectorySession` describes it."""
        if operation not in _OPERATIONS:
            raise errors.UsageError(f"'{operation}' is no operation of a directory")
        about = arguments.get("name") or arguments.get("base")
        work = getattr(self, f"_{operation}")

        def made(link: Link) -> Answer:
            self._refuse_other(link)
            return t.cast(Answer, work(call, link, **arguments))

        return self.run(call, f"{operation} {'the domain' if about is None else about or 'rootDSE'}", operation == "search", made)

    def _refuse_other(self, link: Link) -> None:
        """A connection to the server that served the run before is given up: what was written at the present one may not be there yet."""
        if link.host != self._current():
            link.broken = True
            lost = errors.SessionLost(f"another domain controller, {self._current()}, serves the run now", target=f"ldap on {link.host}")
            raise pool.Unsent(lost)

    # reading

    def _search(self, call: Call, link: Link, base: str | None, text: str, scope: str, attributes: t.Sequence[str], deleted: bool, limit: int | None) -> Answer:
        import ldap3

        where = self._place(call, link, base)
        asked = list(attributes) or ["1.1"]
        controls = self._controls(asked, deleted)
        found: list[Entry] = []
        cookie: t.Any = None
        while True:
            size = self._page if limit is None else min(self._page, limit + 1 - len(found))
            paging = {} if scope == "base" else {"paged_size": size, "paged_cookie": cookie, "paged_criticality": True}
            result, entries = link.perform(
                call,
                lambda connection: connection.search(where, text, getattr(ldap3, _SCOPES[scope]), attributes=asked, controls=controls, **paging),  # noqa: B023
            )
            self._found(call, link, result, where, scope)
            found += [one for one in entries if one["type"] == "searchResEntry"]
            cookie = (result.get("controls") or {}).get(_PAGED, {}).get("value", {}).get("cookie")
            if not cookie or (limit is not None and len(found) > limit):
                break
        most = len(found) if limit is None else limit
        for one in found[:most]:
            self._lengthen(call, link, one, controls)
        return Answer(self._entries(call, link, found[:most], asked), truncated=len(found) > most)

    def _found(self, call: Call, link: Link, result: Entry, where: str, scope: str) -> None:
        """Raises `NotFound` only where the server must know the object if there is one: elsewhere, nothing is proven."""
        try:
            self._succeeded(result)
        except errors.NotFound as error:
            if where and not where.startswith("<") and not self._holds(call, link, where):
                raise errors.Elsewhere(f"{where} is in no domain of this server", target=self.target) from error
            if scope != "base":
                what = f"there is nothing below {where}, because it does not exist" if where else "the server's own description has nothing below it"
                raise errors.BadParameter(what, target=self.target, advice=None if where else "Look at it with the scope base") from error
            raise

    def _holds(self, call: Call, link: Link, name: str) -> bool:
        self._context(call, link, "defaultNamingContext")
        folded = name.casefold().replace(" ", "")
        return any(folded == one or folded.endswith(f",{one}") for one in (context.casefold().replace(" ", "") for context in self._contexts["namingContexts"]))

    def _place(self, call: Call, link: Link, base: str | None) -> str:
        """The distinguished name of what `session.DirectorySession.search` calls a base."""
        if base is None:
            return self._context(call, link, "defaultNamingContext") if self._base is None else self._base
        return self._context(call, link, _PARTITIONS[base]) if base in _PARTITIONS else base

    def _context(self, call: Call, link: Link, name: str) -> str:
        if not self._contexts:
            import ldap3

            wanted = ["defaultNamingContext", "namingContexts", *_PARTITIONS.values()]
            result, entries = link.perform(call, lambda connection: connection.search("", "(objectClass=*)", ldap3.BASE, attributes=wanted))
            self._succeeded(result)
            known = {key.lower(): [value.decode() for value in values] for key, values in entries[0]["raw_attributes"].items()} if entries else {}
            self._contexts = {one: known.get(one.lower(), []) for one in wanted}
        if not self._contexts[name]:
            raise errors.UsageError(f"the server names no {name}", target=self.target, advice="Is it a domain controller? Otherwise set m365_ldap_base")
        return self._contexts[name][0]

    @staticmethod
    def _controls(asked: t.Sequence[str], deleted: bool) -> list[tuple[str, bool, bytes | None]]:
        found: list[tuple[str, bool, bytes | None]] = [(_SHOW_DELETED, True, None)] if deleted else []
        return [*found, (_DESCRIPTOR_FLAGS, True, _OWNER_GROUP_AND_RIGHTS)] if "ntsecuritydescriptor" in (one.lower() for one in asked) else found

    def _lengthen(self, call: Call, link: Link, entry: Entry, controls: list[t.Any]) -> None:
        """Read on what the server gave only the beginning of: more than 1,500 values of one attribute come in parts."""
        import ldap3

        raw = entry["raw_attributes"]
        for key in [key for key in raw if ";range=" in key.lower()]:
            name, _semicolon, bounds = key.partition(";")
            values, end = list(raw.pop(key)), bounds.rpartition("-")[2]
            while end != "*":
                asked = f"{name};range={int(end) + 1}-*"
                result, more = link.perform(
                    call,
                    lambda connection: connection.search(entry["dn"], "(objectClass=*)", ldap3.BASE, attributes=[asked], controls=controls),  # noqa: B023
                )
                if int(result["result"]) == ldap_errors.NO_SUCH_OBJECT:
                    raise errors.Truncated(f"{entry['dn']} was renamed or removed while its {name} was read; nothing is concluded", target=self.target)
                self._succeeded(result)
                part = [(one, got) for one, got in (more[0]["raw_attributes"] if more else {}).items() if ";range=" in one.lower()]
                if not part:
                    raise errors.Truncated(f"the values of {name} of {entry['dn']} ended in the middle", target=self.target)
                end = part[0][0].rpartition("-")[2]
                values += part[0][1]
            raw[name] = values

    def _entries(self, call: Call, link: Link, found: list[Entry], asked: t.Sequence[str]) -> list[Entry]:
        """The objects with plain values, attributes as the caller spells them."""
        hidden = {name.lower() for name in schema.SECRET}
        keys = {key for one in found for key in one["raw_attributes"] if key.lower() not in hidden}
        known = self._kinds(call, link, keys)
        spelled = {name.lower(): name for name in asked}
        plan: dict[str, tuple[str, str]] = {}
        for key in keys:
            kind = known.kind(key)
            plan[key] = (spelled.get(key.lower()) or (kind.name if kind else key), kind.kind if kind else "text")
        return [
            {"dn": one["dn"]}
            | {plan[key][0]: codec.load(plan[key][1], values) for key, values in one["raw_attributes"].items() if values and key.lower() not in hidden}
            for one in found
        ]

    def _kinds(self, call: Call, link: Link, names: set[str]) -> schema.Schema:
        def ask(text: str, wanted: t.Collection[str]) -> list[dict[str, list[str]]]:
            import ldap3

            where = self._context(call, link, "schemaNamingContext")
            result, entries = link.perform(call, lambda connection: connection.search(where, text, ldap3.SUBTREE, attributes=list(wanted)))
            self._succeeded(result)
            rows = [{key.lower(): values for key, values in one["raw_attributes"].items()} for one in entries if one["type"] == "searchResEntry"]
            return [{name: [value.decode() for value in row[name.lower()]] for name in wanted} for row in rows]

        with self._learning:
            found = self._schema = schema.Schema(ask, self._schema)
            found.learn(names)
        return found

    # writing

    def _add(self, call: Call, link: Link, name: str, attributes: t.Mapping[str, t.Any]) -> Answer:
        given = {key: self._values(key, values) for key, values in attributes.items()}
        return self._written(link.perform(call, lambda connection: connection.add(name, attributes=given)))

    def _modify(self, call: Call, link: Link, name: str, changes: t.Sequence[tuple[str, str, t.Any]]) -> Answer:
        import ldap3

        steps: dict[str, list[tuple[str, list[t.Any]]]] = {}
        for how, attribute, values in changes:
            steps.setdefault(attribute, []).append((getattr(ldap3, _HOW[how]), self._values(attribute, values)))
        controls = [(_DESCRIPTOR_FLAGS, True, _RIGHTS_ALONE)] if "ntsecuritydescriptor" in (one.lower() for one in steps) else None
        return self._written(link.perform(call, lambda connection: connection.modify(name, steps, controls=controls)))

    def _delete(self, call: Call, link: Link, name: str, tree: bool) -> Answer:
        controls = [(_TREE_DELETE, True, None)] if tree else None
        return self._written(link.perform(call, lambda connection: connection.delete(name, controls=controls)))

    def _rename(self, call: Call, link: Link, name: str, rdn: str, parent: str | None) -> Answer:
        return self._written(link.perform(call, lambda connection: connection.modify_dn(name, rdn, new_superior=parent)))

    def _values(self, attribute: str, values: t.Any) -> list[t.Any]:
        """Values as ldap3 sends them.  A password is quoted, in UTF-16; it leaves only where encryption protects it."""
        found: list[str | bytes] = []
        for value in values if isinstance(values, (list, tuple)) else [values]:
            if isinstance(value, Secret):
                self._refuse_unprotected(attribute)
                found.append(f'"{str.__str__(value)}"'.encode("utf-16-le"))
            else:
                found.append(codec.boolean_text(value) if isinstance(value, bool) else value if isinstance(value, bytes) else str(value))
        return found

    def _refuse_unprotected(self, attribute: str) -> None:
        if not self._protected:
            raise errors.ProtectionNeeded(f"{attribute} is set over an encrypted connection only; nothing was sent", target=self.target)

    def _written(self, done: tuple[Entry, list[Entry]]) -> Answer:
        self._succeeded(done[0])
        return Answer([])

    def _succeeded(self, result: Entry) -> None:
        if int(result["result"]) != ldap_errors.SUCCESS:
            raise ldap_errors.of_result(result, self.target)
