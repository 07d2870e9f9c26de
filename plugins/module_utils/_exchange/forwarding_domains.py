# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which remote domains have to be made, opened or closed so that messages can be forwarded.  Nothing here talks to a server.

A new remote domain takes the place of the one that covered its domain before, with Exchange's own defaults.  So the settings that hold
now are copied into it, and only automatic forwarding differs.  The domain name of a remote domain cannot be changed.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import values
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import forwarding
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.forwarding import EVERYTHING, Destination, Estate, Mailbox, Object, RemoteDomain

NOT_COPIED = ("name", "domain_name", "guid", "distinguished_name", "target_delivery_domain")
"""What belongs to one remote domain only, not to the settings for its domain."""
EMPTY = (None, "unset")
"""What a new remote domain has by itself and needs not be told."""
FORWARD = "auto_forward_enabled"


def same(before: t.Any, value: t.Any) -> bool:
    """Whether two spellings mean one value, as far as a plan has to know; the modules compare exactly."""
    if isinstance(before, bool):
        return before is values.boolean(value)
    return values.text(before).casefold() == values.text(value).casefold()


@dataclasses.dataclass
class Domains:
    """The remote domains on their way from what is to what is wanted.  ``settings``: present options by name, where they are known."""

    estate: Estate
    settings: Object
    open_default: bool
    problems: list[str]
    opening: list[dict[str, t.Any]] = dataclasses.field(default_factory=list)
    closing: list[dict[str, t.Any]] = dataclasses.field(default_factory=list)
    saved: list[dict[str, t.Any]] = dataclasses.field(default_factory=list)
    sources: list[str] = dataclasses.field(default_factory=list)
    differences: list[str] = dataclasses.field(default_factory=list)
    facts: list[str] = dataclasses.field(default_factory=list)

    def __post_init__(self) -> None:
        self._after = {one.name.casefold(): one for one in self.estate.remote_domains}
        self._said: set[str] = set()

    @property
    def after(self) -> tuple[RemoteDomain, ...]:
        return tuple(self._after.values())

    def _refuse(self, name: str, why: str) -> None:
        self.problems.append(f"remote domain '{name}': {why}")

    # What is declared

    def declare(self, wanted: t.Iterable[Object]) -> None:
        for item in wanted:
            name = str(item.get("name") or "")
            if not name or name.casefold() in self._said:
                self._refuse(name, "it is declared twice. Declare it once" if name else "one is declared without a name. Name it")
                continue
            self._said.add(name.casefold())
            present = self._after.get(name.casefold())
            if item.get("state", "present") == "absent":
                self._remove(name, present)
                continue
            options = {key: value for key, value in item.items() if key not in ("name", "state") and value is not None}
            options[FORWARD] = bool(values.boolean(options.get(FORWARD, True)))
            if present is None:
                self._create(name, options)
            else:
                self._change(present, options)

    def _remove(self, name: str, present: RemoteDomain | None) -> None:
        if present is None:
            return
        if present.domain_name == EVERYTHING:
            self._refuse(name, "it covers every domain that no other covers and cannot be removed. Set auto_forward_enabled: false to close it")
            return
        del self._after[name.casefold()]
        self.closing.append({"name": present.name, "state": "absent"})
        target = {name: value for name, value in self._known(present.name).items() if name == "target_delivery_domain"}
        self.saved.append({"name": present.name, "domain_name": present.domain_name, **self._copied(present), **target})
        self.differences.append(f"{present.label} is there and is to be removed")
        self.facts.append(f"remote domain '{present.name}' does not exist")

    def _create(self, name: str, options: dict[str, t.Any]) -> None:
        domain = str(options.get("domain_name") or "").casefold()
        if not domain:
            self._refuse(name, "there is none of this name, and a new one needs domain_name")
            return
        twin = next((one for one in self._after.values() if one.domain_name.casefold() == domain), None)
        if twin:
            self._refuse(name, f"{domain} has {twin.label} already. Use that name")
            return
        cover = self.estate.covering(f"any.{domain[2:]}" if domain.startswith("*.") else domain)
        copied = self._copied(cover) if cover else {}
        self._write(RemoteDomain(name, domain, options[FORWARD]), {"name": name, "domain_name": domain, **copied, **options})
        self.saved.append({"name": name, "state": "absent"})
        like = f" with the settings of {cover.label}" if cover else ""
        self.differences.append(f"remote domain '{name}' ({domain}) is to be made{like}, auto_forward_enabled {str(options[FORWARD]).lower()}")

    def _change(self, present: RemoteDomain, options: dict[str, t.Any]) -> None:
        domain = options.pop("domain_name", None)
        if domain is not None and str(domain).casefold() != present.domain_name.casefold():
            self._refuse(present.name, f"its domain name {present.domain_name} cannot be changed to {domain}. Declare another remote domain")
            return
        if present.domain_name == EVERYTHING and options[FORWARD] and not present.open and not self.open_default:
            self._refuse(present.name, "opening it lets mail be forwarded to any domain. Set mail_forwarding_open_default: true when that is meant")
            return
        before = {FORWARD: present.open, **self._known(present.name)}
        changed = {name: value for name, value in options.items() if not same(before.get(name), value)}
        if set(options) - {FORWARD} or changed:
            self._need(present.name)
        self._write(dataclasses.replace(present, open=options[FORWARD]), {"name": present.name, **changed} if changed else {})
        if changed:
            self.saved.append({"name": present.name, **{name: before.get(name) for name in changed}})
        self.differences += [f"{present.label}: {name} is '{before.get(name)}' and is to be '{value}'" for name, value in changed.items()]

    def _write(self, after: RemoteDomain, options: dict[str, t.Any]) -> None:
        self._after[after.name.casefold()] = after
        if options:
            (self.opening if after.open else self.closing).append(options)
        self._hold(after)

    def _hold(self, domain: RemoteDomain) -> None:
        """Note what a remote domain must be like afterwards."""
        fact = f"{domain.label} has auto_forward_enabled {str(domain.open).lower()}"
        if fact not in self.facts:
            self.facts.append(fact)

    def _need(self, name: str) -> None:
        if name not in self.sources:
            self.sources.append(name)

    def _known(self, name: str) -> dict[str, t.Any]:
        return dict(self.settings.get(name) or {})

    def _copied(self, source: RemoteDomain) -> dict[str, t.Any]:
        self._need(source.name)
        return {name: value for name, value in self._known(source.name).items() if name not in NOT_COPIED and value not in EMPTY}

    # What forwarding needs

    def admit(self, label: str, destination: Destination, mailbox: Mailbox) -> None:
        """Make way for one declared mailbox; a recipient of the organization as the target needs none."""
        if mailbox.forwarding_address or not forwarding.is_address(mailbox.target) or not self.estate.is_external(destination):
            return
        domain = forwarding.domain_of(destination.outside).casefold()
        cover = self.estate.replace(remote_domains=self.after).covering(domain)
        if cover and cover.open:
            self._hold(cover)
            return
        if cover and cover.name.casefold() in self._said:
            self.problems.append(
                f"mailbox {label}: it forwards to {mailbox.target}, but {cover.label} is declared with auto_forward_enabled false. Decide on one of them"
            )
        elif cover and (cover.domain_name != EVERYTHING or self.open_default):
            self._said.add(cover.name.casefold())
            self._change(cover, {FORWARD: True})
        elif domain in self._after:
            self._refuse(
                domain, f"its domain is {self._after[domain].domain_name}; declare one for {domain} in mail_forwarding_remote_domains under another name"
            )
        else:
            self._said.add(domain)
            self._create(domain, {"domain_name": domain, FORWARD: True})

    def refuse_closing(self, after: Estate) -> None:
        """No mailbox that forwards effectively may lose that by a remote domain that is closed or removed."""
        for mailbox in after.mailboxes.values():
            destination = after.destination(mailbox)
            if mailbox.forwarding_address or not destination.outside or not after.is_external(destination):
                continue
            domain = forwarding.domain_of(destination.outside)
            before, cover = self.estate.covering(domain), after.covering(domain)
            if before and before.open and not (cover and cover.open) and before.name.casefold() in self._said:
                self.problems.append(
                    f"{before.label}: mailbox {mailbox.address} forwards to {mailbox.target} and could not any more. "
                    "End that forwarding first, for example with state: absent in mail_forwarding_mailboxes"
                )
