# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Transport rules: conditions, exceptions and actions, an order from 0, switched on and off.  No message is processed.

Where the product's words are not known, the refusals say in plain words which parameters are meant.
"""

from __future__ import annotations

import datetime
import ipaddress
import re
import typing as t

from hybridlab.clixml import MultiValued, Obj, ValueObj
from hybridlab.contract.arguments import size
from hybridlab.exchange import failures, values
from hybridlab.exchange import transport_rule_table as table
from hybridlab.exchange.call import Call
from hybridlab.exchange.configured import Values
from hybridlab.exchange.directory import CONFIGURATION_DN, Entry
from hybridlab.exchange.mailbox_table import Property
from hybridlab.exchange.mailbox_view import exists
from hybridlab.exchange.ordered import OrderedRules, refused
from hybridlab.exchange.settings import named, recipient
from hybridlab.exchange.shapes import configuration_identification

_TASKS = "Microsoft.Exchange.MessagingPolicies.Rules.Tasks"
_TYPES = (f"{_TASKS}.Rule", f"{_TASKS}.RulePresentationObjectBase", "System.Object")
_ITEM = {"words": "Word", "attributes": "Word", "properties": "Word", "patterns": "Pattern"}
_RECIPIENT = "Microsoft.Exchange.Configuration.Tasks.RecipientIdParameter"
_VALUES = {"size": "Microsoft.Exchange.Data.ByteQuantifiedSize", "level": "Microsoft.Exchange.Data.Transport.SclValue"}
_IDENTIFIED = ("Identity", "DistinguishedName", "Guid", "OrganizationId", "Name", "IsValid", "WhenChanged", "ExchangeVersion", "ObjectState")
_CODE = re.compile(r"5\.7\.(1|9\d\d)")


def _row(name: str, kind: str) -> Property:
    default: t.Any = [] if kind in table.LISTS else False if kind == "bool" else table.INITIAL.get(name)
    return Property(name, kind, True, default)


class TransportRules(OrderedRules):
    noun = "TransportRule"
    parent = f"CN=TransportVersioned,CN=Rules,CN=Transport Settings,{CONFIGURATION_DN}"
    rows: t.ClassVar[dict[str, Property]] = {name: _row(name, kind) for name, kind in table.KINDS.items()} | {
        name: Property(name, "text", False, default) for name, default in (("State", "Enabled"), ("Priority", 0))
    }
    types = _TYPES

    # properties

    def special(self, call: Call, settings: Values, entry: Entry | None) -> Values:
        found = super().special(call, settings, entry)
        given = {name: settings.pop(name) for name in list(settings) if name in table.KINDS}
        for one, other in table.PAIRS:
            if (one in given) != (other in given):
                raise refused(f"The parameters {one} and {other} must be used together.")
        found |= {name: _stored(call, name, value) for name, value in given.items()}
        for name, completion in table.COMPLETED.items():
            if name in found:
                for other, default in completion.items():
                    found.setdefault(other, default if found[name] else None)
        if found.get("RejectMessageEnhancedStatusCode") and not found.get("RejectMessageReasonText"):
            found |= table.COMPLETED["RejectMessageEnhancedStatusCode"]
        return found

    def check(self, call: Call, values: Values, entry: Entry | None) -> None:
        for one, other in (*table.PAIRS, *((right, left) for left, right in table.PAIRS), *table.NEEDS):
            if values[one] and not values[other]:
                raise refused(f"The parameter {one} can't be used without {other}.")
        for one, other in table.OPPOSED:
            if values[one] and values[other]:
                raise refused(f"The parameters {one} and {other} can't be used in the same rule.")
        fates = [name for name, _word in table.FATES if values[name]]
        if len(fates) > 1:
            raise refused(f"The actions {fates[0]} and {fates[1]} can't be used in the same rule.")
        if not any(values[name] for name in table.ACTION_NAMES):
            raise refused("The rule has no action. Specify at least one action.")

    # what Get- shows

    def view(self, call: Call, entry: Entry) -> Obj:
        known = {name: row for name, row in self.rows.items() if exists(call.contract, "Set-TransportRule", name)}
        shown = {name: _rendered(row.kind, entry.values[name]) for name, row in known.items()}
        shown["SenderNotificationType"] = shown.pop("NotifySender", None)
        for title, names, word in (
            ("Conditions", table.CONDITION_NAMES, "Predicate"),
            ("Exceptions", table.EXCEPTION_NAMES, "Predicate"),
            ("Actions", table.ACTION_NAMES, "Action"),
        ):
            parts = [f"{_TASKS}.{name.removeprefix(table.EXCEPT)}{word}" for name in names if entry.values[name]]
            shown[title] = MultiValued(parts) if parts else None
        shown |= {"ManuallyModified": False, "RuleVersion": "15.0.1.1", "Description": f"The rule '{entry.name}'"}
        identified = configuration_identification(entry)
        shown |= {name: identified[name] for name in _IDENTIFIED} | {"ImmutableId": entry.guid, "Identity": entry.name}
        return Obj(_TYPES, shown, string=entry.name)


SORT = TransportRules()


def _rendered(kind: str, value: t.Any) -> t.Any:
    if kind in table.LISTS:
        return _array(kind, value) if value else None
    if value is None or kind == "bool":
        return value
    if kind == "address":
        return ValueObj((_RECIPIENT, "System.Object"), value)
    return ValueObj((_VALUES[kind], "System.ValueType", "System.Object"), value) if kind in _VALUES else value


def _array(kind: str, value: list[t.Any]) -> t.Any:
    if kind in ("classified", "names"):
        return list(value)
    if kind == "ranges":
        return MultiValued(value)
    item = f"{_TASKS}.{_ITEM[kind]}" if kind in _ITEM else _RECIPIENT
    return MultiValued([ValueObj((item, "System.Object"), one) for one in value], (f"{item}[]", "System.Array", "System.Object"))


# values


def _stored(call: Call, name: str, value: t.Any) -> t.Any:
    """A parameter's value as the store keeps it.  Raises `failures.Refused`."""
    kind = table.KINDS[name]
    if name in table.EDGE and value:
        raise refused(f"The parameter {name} can't be used on a Mailbox server; it's available on Edge Transport servers only.")
    if kind in table.LISTS:
        found = [_MEMBERS[kind](call, one) for one in value or []]
        return [one for at, one in enumerate(found) if one not in found[:at]]
    if value is None or value == "":
        return False if kind == "bool" else None
    if name == "RejectMessageEnhancedStatusCode" and not _CODE.fullmatch(value):
        raise failures.invalid(f"'{value}' isn't a valid enhanced status code: it must be 5.7.1 or between 5.7.900 and 5.7.999.")
    return _SCALARS[kind](call, value) if kind in _SCALARS else value


def _address(call: Call, identity: str, kind: str = "refs") -> str:
    return str(recipient(call.server.recipients, identity, kind).values["PrimarySmtpAddress"])


def _word(_call: Call, text: str) -> str:
    if not text or text != text.strip():
        raise failures.invalid(f"The word '{text}' isn't valid: it's empty, or has leading or trailing spaces.")
    return text


def _attribute(_call: Call, text: str) -> str:
    return t.cast(str, named("Active Directory attribute", text, table.ATTRIBUTES))


def _attribute_value(call: Call, text: str) -> str:
    name, colon, rest = text.partition(":")
    if not colon or not rest.strip():
        raise failures.invalid(f"'{text}' isn't valid. Use the format <attribute>:<words>.")
    return f"{_attribute(call, name.strip())}:{rest}"


def _property(_call: Call, text: str) -> str:
    if not re.fullmatch(r"[^:]+:.*\S.*", text):
        raise failures.invalid(f"'{text}' isn't valid. Use the format <property>:<words>.")
    return text


def _pattern(_call: Call, text: str) -> str:
    try:
        re.compile(text)
    except re.error:
        raise failures.invalid(f"The pattern '{text}' isn't a valid regular expression.") from None
    return text


def _range(_call: Call, text: str) -> str:
    first, dash, last = text.partition("-")
    try:
        if dash:
            low, high = ipaddress.ip_address(first), ipaddress.ip_address(last)
            return f"{low}-{high}"
        return str(ipaddress.ip_network(text, strict=False)) if "/" in text else str(ipaddress.ip_address(text))
    except ValueError:
        raise failures.invalid(f"'{text}' isn't a valid IP address range.") from None


def _sensitive(_call: Call, one: dict[t.Any, t.Any]) -> dict[str, str]:
    given = {str(name).lower(): str(value) for name, value in one.items()}
    name = named("data classification", given.get("name", ""), table.SENSITIVE)
    counts = {"minCount": "1", "maxCount": "-1", "minConfidence": "-1", "maxConfidence": "100"}
    if not name:
        raise failures.invalid("A data classification needs a name.")
    return {"id": name.encode().hex()[:8], "name": name} | {key: given.get(key.lower(), usual) for key, usual in counts.items()}


def _header(_call: Call, text: str) -> str:
    if not re.fullmatch(r"[!-9;-~]+", text):
        raise failures.invalid(f"'{text}' isn't a valid name of a message header.")
    return text


def _level(_call: Call, text: str) -> str:
    if not re.fullmatch(r"-1|[0-9]", text):
        raise failures.invalid(f"The SCL value '{text}' isn't valid: it must be between -1 and 9.")
    return text


def _expiry(_call: Call, moment: datetime.datetime) -> datetime.datetime:
    if moment.date() < datetime.datetime.now(datetime.UTC).date():
        raise failures.invalid("The expiry date of a rule must be the current date or later.")
    return moment


_MEMBERS: dict[str, t.Callable[[Call, t.Any], t.Any]] = {
    "addresses": _address,
    "members": lambda call, identity: _address(call, identity, "groups"),
    "moderators": lambda call, identity: _address(call, identity, "senders"),
    "words": _word,
    "attributes": _attribute_value,
    "properties": _property,
    "patterns": _pattern,
    "ranges": _range,
    "names": lambda _call, name: name,
    "classified": _sensitive,
}
_SCALARS: dict[str, t.Callable[[Call, t.Any], t.Any]] = {
    "address": _address,
    "header": _header,
    "level": _level,
    "expiry": _expiry,
    "attribute": _attribute,
    "size": lambda _call, value: values.print_size(size(value)),
    "title": lambda _call, value: f"Default\\{named('message classification', value.rpartition(chr(92))[2], table.CLASSIFICATIONS)}",
    "template": lambda _call, value: named("RMS template", value, table.TEMPLATES),
    "policy": lambda _call, value: named("DLP policy", value, table.POLICIES),
}
