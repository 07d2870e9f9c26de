# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The operations of LDAP on one connection: who is logged on, what may be done, and the answers."""

from __future__ import annotations

import logging
import typing as t

from hybridlab.ad import ber, messages, refusals, sasl, searching, updates
from hybridlab.ad.directory import DirectoryObject
from hybridlab.ad.forest import Forest
from hybridlab.ad.root import RootEntry
from hybridlab.faults import Faults

START_TLS, WHO_AM_I = "1.3.6.1.4.1.1466.20037", "1.3.6.1.4.1.4203.1.11.3"
_KNOWN_CONTROLS = frozenset(
    {
        searching.PAGED,
        searching.SHOW_DELETED,
        searching.EXTENDED_DN,
        updates.PERMISSIVE,
        updates.TREE_DELETE,
        "1.2.840.113556.1.4.801",
        "1.2.840.113556.1.4.1339",
        "1.2.840.113556.1.4.1340",
        "1.2.840.113556.1.4.2065",
    },
)
_CHUNK = 256

log = logging.getLogger("hybridlab.ad")

Record = t.Callable[[str, t.Mapping[str, t.Any]], None]


class Dropped(OSError):
    """A fault closes the connection."""


class Connection:
    """One client.  ``secure`` says whether TLS is on; the transport sets it."""

    def __init__(
        self, forest: Forest, root: RootEntry, record: Record, secure: bool, faults: Faults | None = None, kerberos: t.Mapping[str, str] | None = None
    ) -> None:
        """``kerberos`` are the variables by which acceptors find the keys of the service, None without a realm."""
        self._kerberos = kerberos
        self._faults = faults or Faults()
        self._negotiation: sasl.Negotiation | None = None
        self.layer: sasl.Layer | None = None
        """What signs or seals all that follows the answer to a bind."""
        self._forest = forest
        self._root = root
        self._record = record
        self._account: DirectoryObject | None = None
        self._pages: dict[bytes, list[DirectoryObject]] = {}
        self.secure = secure
        self.wants_tls = False
        """Set when the client asked for TLS and was told yes: the next bytes are a handshake."""

    def answer(self, data: bytes) -> t.Iterator[bytes]:
        """The responses to one request.  Raises `ber.Malformed` and `Dropped`, after which the connection ends."""
        message = messages.decode(data)
        if message.operation is None:
            return
        name = type(message.operation).__name__.lower()
        drop = self._faults.take("directory-drop", name)
        if drop is None:
            yield from self._answer(message, name)
            return
        if drop["at"] == "answer":
            list(self._answer(message, name))
        raise Dropped

    def _answer(self, message: messages.Message, name: str) -> t.Iterator[bytes]:
        controls = {control.oid: control for control in message.controls}
        try:
            if self._faults.take("directory-busy", name):
                raise refusals.busy()
            if any(control.critical and control.oid not in _KNOWN_CONTROLS for control in message.controls):
                raise refusals.unknown_control()
            yield from self._operate(message, message.operation, controls)
        except refusals.Refused as refused:
            body = messages.result(refused.code, refused.matched, refused.diagnostic)
            yield messages.encode(message.number, messages.ANSWERS[message.tag], body)

    def _operate(self, message: messages.Message, operation: t.Any, controls: t.Mapping[str, messages.Control]) -> t.Iterator[bytes]:
        done = messages.ANSWERS[message.tag]
        if isinstance(operation, messages.Bind):
            yield messages.encode(message.number, done, self._bind(operation))
        elif isinstance(operation, messages.Extended):
            yield messages.encode(message.number, done, self._extended(operation))
        elif isinstance(operation, messages.Search):
            yield from self._search(message.number, operation, controls)
        else:
            with self._forest.directory.lock:
                code = self._change(operation, controls)
            yield messages.encode(message.number, done, messages.result(code))

    # Bind and extended operations.

    def _bind(self, request: messages.Bind) -> bytes:
        self._account = None
        self._pages.clear()
        if request.mechanism:
            return self._negotiate(request)
        if not request.name and not request.credentials:
            return messages.result(refusals.SUCCESS)
        if not self.secure:
            raise refusals.clear_text()
        if not request.credentials:
            return messages.result(refusals.SUCCESS)  # An unauthenticated bind (RFC 4513, section 5.1.2) stays anonymous.
        self._record("bind", {"name": request.name})
        with self._forest.directory.lock:
            self._account = self._forest.accounts.authenticate(request.name, request.credentials.decode("utf-8", "replace"))
        return messages.result(refusals.SUCCESS)

    def _negotiate(self, request: messages.Bind) -> bytes:
        """One step of a bind with Kerberos."""
        if self._kerberos is None or request.mechanism not in (sasl.GSSAPI, sasl.GSS_SPNEGO):
            raise refusals.unknown_mechanism()
        if self._negotiation is None or self._negotiation.mechanism != request.mechanism:
            self._negotiation = sasl.Negotiation(request.mechanism, self._kerberos, self.secure)
        negotiation, self._negotiation = self._negotiation, None
        done, reply = negotiation.step(request.credentials)
        if not done:
            self._negotiation = negotiation
            return messages.result(refusals.SASL_IN_PROGRESS, extra=ber.tlv(0x87, reply))
        self._record("bind", {"name": negotiation.principal})
        with self._forest.directory.lock:
            account = self._forest.accounts.named(negotiation.principal)
            if account is None:
                raise refusals.credentials("525")
            self._forest.accounts.admit(account)
        self._account, self.layer = account, negotiation.layer
        return messages.result(refusals.SUCCESS, extra=ber.tlv(0x87, reply) if reply else b"")

    def _extended(self, request: messages.Extended) -> bytes:
        if request.oid == START_TLS:
            if self.secure:
                raise refusals.tls_is_on()
            self.wants_tls = True
            return messages.result(refusals.SUCCESS, extra=ber.text(START_TLS, 0x8A))
        if request.oid == WHO_AM_I:
            who = "" if self._account is None else f"u:{self._root.netbios}\\{self._account.text('sAMAccountName')}"
            return messages.result(refusals.SUCCESS, extra=ber.text(who, 0x8B))
        raise refusals.unknown_extension()

    # Search.

    def _search(self, number: int, request: messages.Search, controls: t.Mapping[str, messages.Control]) -> t.Iterator[bytes]:
        if not request.base and request.scope == 0:
            yield messages.encode(number, messages.ENTRY, self._root.entry(request))
            yield messages.encode(number, messages.ANSWERS[messages.SEARCH], messages.result(refusals.SUCCESS))
            return
        self._logged_on()
        self._record("search", {"base": request.base, "scope": ("base", "one", "sub")[request.scope], "attributes": list(request.attributes)})
        subschema = self._root.subschema(request)
        with self._forest.directory.lock:
            found = searching.Found([subschema]) if subschema is not None else self._forest.searcher.search(request, controls, self._pages)
        for first in range(0, len(found.entries), _CHUNK):
            yield b"".join([messages.encode(number, messages.ENTRY, one) for one in found.entries[first : first + _CHUNK]])
        code = refusals.SIZE_LIMIT if found.exceeded else refusals.SUCCESS
        yield messages.encode(number, messages.ANSWERS[messages.SEARCH], messages.result(code), found.controls)

    # Changes.

    def _logged_on(self) -> DirectoryObject:
        if self._account is None:
            raise refusals.not_bound()
        return self._account

    def _change(self, request: t.Any, controls: t.Mapping[str, messages.Control]) -> int:
        """Do what a request says and record it.  Returns the result code."""
        account = self._logged_on()
        how = updates.Circumstances(self.secure, account, controls.keys())
        work = self._forest.updates
        if isinstance(request, messages.Compare):
            return self._compare(request)
        self._record(type(request).__name__.lower(), _described(request))
        self._permit(request, account)
        if isinstance(request, messages.Add):
            work.add(request, how)
        elif isinstance(request, messages.Modify):
            work.modify(request, how)
        elif isinstance(request, messages.Delete):
            work.delete(request, how)
        elif isinstance(request, messages.Rename):
            work.rename(request)
        return refusals.SUCCESS

    def _permit(self, request: t.Any, account: DirectoryObject) -> None:
        """Raises `refusals.Refused` for what an account may not do.  Everybody may change the own password."""
        if self._forest.may_edit(account):
            return
        if not isinstance(request, messages.Modify):
            raise refusals.rights("00000005" if isinstance(request, messages.Add | messages.Delete) else "00002098")
        kinds = [(change.kind, change.name.lower()) for change in request.changes]
        if kinds != [("delete", "unicodepwd"), ("add", "unicodepwd")]:
            raise refusals.rights()

    def _compare(self, request: messages.Compare) -> int:
        one = self._forest.searcher.base(request.dn)
        attribute = self._forest.directory.schema.attribute(request.name)
        if attribute is None:
            raise refusals.conversion()
        try:
            wanted = attribute.key(request.value)
        except ValueError as error:
            raise refusals.conversion(refusals.INVALID_SYNTAX) from error
        values = self._forest.readers.of(attribute)(one)
        return refusals.COMPARE_TRUE if any(attribute.key(value) == wanted for value in values) else refusals.COMPARE_FALSE


def _described(request: t.Any) -> dict[str, t.Any]:
    """A change as a record holds it: values of passwords are masked."""
    if isinstance(request, messages.Add):
        return {"dn": request.dn, "attributes": {name: _shown(name, values) for name, values in request.attributes}}
    if isinstance(request, messages.Modify):
        return {"dn": request.dn, "changes": [{one.kind: one.name, "values": _shown(one.name, one.values)} for one in request.changes]}
    if isinstance(request, messages.Rename):
        return {"dn": request.dn, "rdn": request.rdn, "superior": request.superior}
    return {"dn": request.dn}


def _shown(name: str, values: list[bytes]) -> t.Any:
    if name.lower() in ("unicodepwd", "userpassword"):
        return {"$any": True}
    return [value.decode("utf-8", "backslashreplace") for value in values]
