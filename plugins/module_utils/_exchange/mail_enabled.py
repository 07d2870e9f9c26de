# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all recipients share: addresses and their policy, and the account, contact or group that carries the recipient."""

from __future__ import annotations

import html
import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import NotFound, UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.lists import Wanted
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange import online, proxy_addresses, units
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, Options, common, single

_NAMED_OTHERWISE = re.compile(r"(?i)^(cn|ou)=|/|^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$|[\\*]")
_HTML_AROUND = re.compile(r"(?is)^\s*<html>\s*<body>\s*(.*?)\s*</body>\s*</html>\s*$")


def _mail_tip_key(value: str) -> str:
    """Exchange may keep ``a < b`` as ``a &lt; b``, and lines ended as HTML ends them."""
    return html.unescape(value).replace("\r\n", "\n")


def _mail_tip(value: t.Any) -> str:
    """The text without the HTML that Exchange puts around it."""
    found = values.text(value)
    match = _HTML_AROUND.match(found)
    return match.group(1) if match else found


def _has_archive(value: t.Any) -> bool:
    """An option's value, or the archive's GUID: all zeros mean that there is none."""
    return value if isinstance(value, bool) else bool(str(value or "").strip("0-"))


MAIL_TIP = values.Codec(_mail_tip, _mail_tip_key, lambda value: value or None)
ARCHIVE = values.Codec(_has_archive)
FIELDS = (
    Field("primary_smtp_address", codec="address"),
    Field("email_addresses", codec="proxy_addresses"),
    Field("accept_messages_only_from_senders_or_members", codec="recipients"),
    Field("reject_messages_from_senders_or_members", codec="recipients"),
    Field("bypass_moderation_from_senders_or_members", codec="recipients"),
    Field("moderated_by", codec="recipients"),
    Field("mail_tip", codec=MAIL_TIP),
)
"""Rows of what every recipient has."""
ACCOUNT = (
    Field("first_name", read=""),
    Field("last_name", read=""),
    Field("initials", read=""),
    Field("organizational_unit", codec=units.UNIT, immutable=True, instead=units.INSTEAD),
    Field("password", secret=True),
    Field("reset_password_on_next_logon", read=""),
)
"""Rows of what is told of a new account only."""


class MailEnabled(CmdletResource):
    """A recipient, whether the account, contact or group that carries it exists already or not.

    ``thing`` and ``bearer`` are the words for it and for what carries it; ``bearer_noun`` reads the latter and ``bearer_kinds`` are
    those that carry no recipient yet; ``enable_with`` is what the Enable- cmdlet takes, the rest is set right after.
    """

    facts = (*CmdletResource.facts, "recipient_type_details", *online.AUTHORITY)
    thing: t.ClassVar[str] = "recipient"
    bearer: t.ClassVar[str] = "account"
    bearer_noun: t.ClassVar[str] = "User"
    bearer_kinds: t.ClassVar[tuple[str, ...]] = ("User", "DisabledUser", "LinkedUser")
    enable_with: t.ClassVar[tuple[str, ...]] = ("display_name", "alias", "primary_smtp_address")
    unit: t.ClassVar[str] = "organizational_unit"

    # reading

    def read(self, session: Session, options: Options) -> engine.Reading:
        found = super().read(session, options)
        if found.state is None and options.get("state", "present") == "present":
            return engine.Reading(None, self._carrying(session, options))
        return found

    def _carrying(self, session: Session, options: Options) -> dict[str, t.Any] | None:
        """The account, contact or group that would become the recipient, whatever it is now; without one, another recipient of that name."""
        return self._look_for(session, options, self.bearer_noun, self.bearer) or self._look_for(session, options, "Recipient", "recipient")

    @staticmethod
    def _look_for(session: Session, options: Options, noun: str, what: str) -> dict[str, t.Any] | None:
        cmdlet = f"Get-{noun}"
        parameters = {"Identity": options["identity"]} | common(options)
        try:
            answer = session.invoke(cmdlet, parameters, properties=("DistinguishedName", "OrganizationalUnit", "RecipientTypeDetails", "Name"))
        except NotFound:
            return None
        return single(answer, cmdlet, session.target, f"{what} '{options['identity']}'")

    # planning

    def wanted(self, session: Session, options: Options, current: plan.State | None) -> plan.State:
        wanted = super().wanted(session, options, current)
        if "email_addresses" in wanted:
            shown = [] if current is None else current.get("email_addresses") or []
            primary = wanted.get("primary_smtp_address")
            wanted["email_addresses"] = proxy_addresses.request("email_addresses", wanted["email_addresses"], shown, primary)
        self._refuse_against_policy(options, wanted, current or {})
        if self.unit in wanted and current and current.get(self.unit):
            wanted[self.unit] = units.seen_as(wanted[self.unit], current[self.unit])
        named = _primary_in_list(wanted)
        if named and current is None:
            wanted["primary_smtp_address"] = named  # made with it, no policy sets it and the list can follow
        elif named:
            wanted.pop("primary_smtp_address", None)  # the Set- cmdlets refuse both; the list says it already
        return wanted

    def _refuse_against_policy(self, options: Options, wanted: plan.State, current: plan.State) -> None:
        """A primary address that an email address policy sets would be accepted with a warning and not change."""
        primary = _primary_in_list(wanted) or wanted.get("primary_smtp_address")
        enabled = wanted.get("email_address_policy_enabled", current.get("email_address_policy_enabled"))
        if primary and enabled and primary.casefold() != str(current.get("primary_smtp_address")).casefold():
            advice = "Set email_address_policy_enabled: false as well, or leave the primary address to the policy"
            raise UsageError(f"the primary address of {self.label(options)} is set by an email address policy", advice=advice)

    # applying

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        online.refuse_mastered(self.label(options), todo, found.state)
        if todo.action == "delete":
            verb = "Disable" if options.get("state") == "disabled" else "Remove"
            return [self.call(verb, options, self.identity(options))]
        if todo.action == "create":
            return self.create(todo, options, found)
        return self.update(todo.changes, options, found)

    def update(self, changes: t.Mapping[str, plan.Change], options: Options, found: engine.Reading) -> list[engine.Call]:
        return [self.call("Set", options, self.identity(options) | self.dump(changes))] if changes else []

    def create(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        carrying, switch = found.background, self.switch(options)
        if carrying:
            self._refuse_recipient(options, str(carrying.get("RecipientTypeDetails")))
            self._refuse_move(todo, carrying)
            return [self.call("Enable", options, {"Identity": carrying["DistinguishedName"]} | switch | self.taken(todo, self.enable_with))]
        return [self.call("New", options, self.names(options) | switch | self.taken(todo, self.create_with))]

    def switch(self, options: Options) -> dict[str, t.Any]:
        """The switch of New- and Enable- for the kind of recipient that is wanted."""
        return {}

    def taken(self, todo: plan.Plan, names: t.Collection[str]) -> dict[str, t.Any]:
        return self.dump({name: change for name, change in todo.changes.items() if name in names})

    def names(self, options: Options) -> dict[str, t.Any]:
        """The name of a new recipient, which must answer to the identity it was asked for by."""
        names = {"Name": options.get("name") or str(options["identity"]).partition("@")[0]}
        self.refuse_other_name(options, names.values())
        return names

    def refuse_other_name(self, options: Options, names: t.Iterable[t.Any]) -> None:
        """``names`` and the options that name a recipient are all that a new one answers to."""
        identity = str(options["identity"])
        given = (options.get(one) for one in ("alias", "primary_smtp_address", "external_email_address"))
        answers = {values.smtp_address(one).casefold() for one in (*names, *given) if one}
        if _NAMED_OTHERWISE.search(identity) or identity.casefold() not in answers:
            raise UsageError(
                f"no {self.thing} and no {self.bearer} answers to '{identity}', and a new {self.thing} would not either",
                advice=f"Name a new {self.thing} by its {self.answers_to}",
            )

    answers_to: t.ClassVar[str] = "name, alias or primary address"

    def _refuse_recipient(self, options: Options, kind: str) -> None:
        if kind not in self.bearer_kinds:
            raise UsageError(f"'{options['identity']}' is a recipient of type {kind}, so it cannot {self.becoming}", advice=self._instead(kind))

    def _refuse_move(self, todo: plan.Plan, carrying: t.Mapping[str, t.Any]) -> None:
        """What carries the new recipient stays where it is."""
        wanted, present = todo.changes.get(self.unit), carrying.get("OrganizationalUnit")
        if wanted and present and units.seen_as(wanted.after, str(present)).casefold() != str(present).casefold():
            text = f"{self.unit}: the {self.bearer} '{carrying.get('Name')}' is in {present}, so it does not come into being in {wanted.after}"
            raise UsageError(text, advice=f"{units.INSTEAD}; leave the option out")

    becoming: t.ClassVar[str] = "become another one"

    def _instead(self, kind: str) -> str:
        return f"Name another {self.bearer}, or end what that recipient is now"


class WithMailbox(MailEnabled):
    """A mailbox here or in Exchange Online: types that are converted, an archive, an account that can sign in."""

    switches: t.ClassVar[dict[str, str]] = {"shared": "Shared", "room": "Room", "equipment": "Equipment"}
    thing = "mailbox"
    answers_to = "name, alias, user principal name or primary address"
    becoming = "get another mailbox"

    def wanted(self, session: Session, options: Options, current: plan.State | None) -> plan.State:
        wanted = super().wanted(session, options, current)
        if wanted.get("archive") is False and current is None:
            del wanted["archive"]
        return wanted

    def update(self, changes: t.Mapping[str, plan.Change], options: Options, found: engine.Reading) -> list[engine.Call]:
        """An archive is enabled before and disabled after its settings are written."""
        archive = changes.get("archive")
        made_with = {name: change for name, change in changes.items() if name in self.archive_with}
        calls = super().update({name: change for name, change in changes.items() if name not in ("archive", *made_with)}, options, found)
        if archive and archive.after:
            switch = self.archive_switch({name: change.after for name, change in made_with.items()})
            calls.insert(0, self.call("Enable", options, {"Identity": options["identity"]} | switch | self.dump(made_with)))
        elif archive:
            calls.append(self.call("Disable", options, {"Identity": options["identity"]} | self.archive_switch(found.state or {})))
        return calls

    archive_with: t.ClassVar[tuple[str, ...]] = ()
    """The options that an archive is made with, and that are not changed afterwards."""

    def archive_switch(self, archive: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """The switch that says of Enable- and Disable- that the archive is meant, given what is or shall be known of it."""
        return {"Archive": True}

    def switch(self, options: Options) -> dict[str, t.Any]:
        return {self.switches[options["type"]]: True} if options.get("type") in self.switches else {}

    def names(self, options: Options) -> dict[str, t.Any]:
        """Name and user principal name of a new mailbox; a user's needs a password."""
        identity = str(options["identity"])
        names = {"Name": options.get("name") or identity.partition("@")[0]}
        principal = options.get("user_principal_name") or (identity if "@" in identity else None)
        online = options.get("microsoft_online_services_id")  # what the name to sign in with is called in the cloud
        if principal and not online and options.get("type") != "public_folder":
            names["UserPrincipalName"] = principal
        self.refuse_other_name(options, [*names.values(), *([online] if online else [])])
        if self.signs_in(options) and not (options.get("password") and principal):
            raise UsageError(
                f"no mailbox and no account answers to '{identity}', and a new user's mailbox needs password and user_principal_name",
                advice="Give both, or name an existing account",
            )
        return names

    def signs_in(self, options: Options) -> bool:
        """Whether the new account is somebody's who signs in."""
        return options.get("type") in (None, "user")


def _primary_in_list(wanted: plan.State) -> str | None:
    request = wanted.get("email_addresses")
    return proxy_addresses.primary_of(request.exact) if isinstance(request, Wanted) and request.exact is not None else None
