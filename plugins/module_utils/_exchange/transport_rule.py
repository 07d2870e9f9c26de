# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the rule of nouns does not know of transport rules: which parts belong together, which exclude each other, and that a rule is switched.

Sources: Microsoft's reference of New-TransportRule, its pages on conditions and actions of mail flow rules, and a captured
Get-TransportRule of Exchange Server 2016: what is not set is ``$null`` (a Boolean: false), references to recipients are shown by
their primary address, and NotifySender is read as SenderNotificationType.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import engine, lists, plan, values
from ansible_collections.m365.hybrid.plugins.module_utils._core.errors import UsageError
from ansible_collections.m365.hybrid.plugins.module_utils._core.fields import Attribute, Field
from ansible_collections.m365.hybrid.plugins.module_utils._core.session import Session
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.bindings import bounds, ip_range
from ansible_collections.m365.hybrid.plugins.module_utils._exchange.resource import CmdletResource, Options

EXCEPT = "except_if_"
CLASSIFIED = "message_contains_data_classifications"


def both(*names: str) -> tuple[str, ...]:
    """Conditions, and the exceptions of the same form."""
    return (*names, *(EXCEPT + name for name in names))


# values


def in_force(value: t.Any) -> bool | None:
    """``Enabled`` or ``Disabled``."""
    states = {"enabled": True, "disabled": False}
    return states[str(value).casefold()] if str(value).casefold() in states else values.boolean(value)


def lines(value: t.Any) -> str:
    """A text of several lines, which end alike."""
    return values.text(value).replace("\r\n", "\n")


def limit(value: t.Any) -> str | None:
    """A size that a message is measured by; empty for none."""
    found = values.size(value)
    if found == values.UNLIMITED:
        raise ValueError("unlimited is no size to measure by; leave it empty")
    return found


def kilobytes(value: str | None) -> int | None:
    """The server rounds small sizes up to a kilobyte."""
    return None if value is None else -(-values.size_in_bytes(value) // 1024)


def level(value: t.Any) -> str:
    """A spam confidence level as a text; empty for none."""
    found = values.integer(value)
    if found is not None and not -1 <= found <= 9:
        raise ValueError(f"{value!r} is not a spam confidence level from -1 to 9")
    return values.text(found)


def attribute_words(value: t.Iterable[str]) -> frozenset[tuple[str, str]]:
    """``City:Berlin,Bonn`` and ``City:Bonn``, ``City:Berlin`` are the same words.

    >>> attribute_words(["City:Berlin, Bonn"]) == attribute_words(["city:bonn", "City:Berlin"])
    True
    """
    parts = [one.casefold().partition(":") for one in value]
    return frozenset((name.strip(), word.strip()) for name, _colon, words in parts for word in words.split(","))


_COUNTS = {"min_count": 1, "max_count": -1, "min_confidence": -1, "max_confidence": 100}
"""What the numbers of a sensitive information type are when they are not given; -1 means any number, and the type's own confidence."""


def classification(value: t.Any) -> dict[str, t.Any]:
    """A sensitive information type: its name, and the numbers that are not the usual ones."""
    given = {values.fold(str(name)): one for name, one in value.items()} if isinstance(value, t.Mapping) else {"name": value}
    name = given.get("name") or given.get("id")  # a type of the organization's own may be shown by its GUID alone
    if not name:
        raise ValueError("a sensitive information type needs its name")
    found: dict[str, t.Any] = {"name": str(name)}
    for count, usual in _COUNTS.items():
        number = given.get(values.fold(count))
        number = -1 if values.text(number).casefold() in ("infinity", values.UNLIMITED) else values.integer(number)
        found |= {} if number in (None, usual) else {count: number}
    return found


def _classification_key(value: t.Mapping[str, t.Any]) -> tuple[t.Any, ...]:
    return (value["name"].casefold(), *(value.get(name, usual) for name, usual in _COUNTS.items()))


def _sent_classification(value: t.Mapping[str, t.Any]) -> dict[str, str]:
    return {values.pascal(name): str(one) for name, one in value.items()}


STATE = values.Codec(in_force)
LINES = values.Codec(lines, str.rstrip, lambda value: value or None)
SIZE = values.Codec(limit, kilobytes, lambda value: None if value is None else str(values.size_in_bytes(value)))
LEVEL = values.Codec(level, dump=values.integer)
TITLE = values.Codec(values.text, lambda value: value.rpartition("\\")[2].casefold(), lambda value: value or None)
"""The name of a message classification, which the server shows below its language."""
WORDS = values.array(values.NAME)
PATTERNS = values.array(values.TEXT)
ATTRIBUTE_WORDS = dataclasses.replace(WORDS, key=attribute_words)
RANGES = values.array(values.Codec(ip_range, bounds))
CLASSIFICATIONS = values.array(values.Codec(classification, _classification_key, _sent_classification, structured=True))
_CONTENT = (
    *("sender", "recipients", "subject", "cc", "bcc", "severity", "override", "rule_detections", "false_positive", "data_classifications"),
    *("id_match", "attach_original_mail"),
)
CONTENT = dataclasses.replace(values.array(values.choice(_CONTENT)), names=_CONTENT)

# options by the kind of their values; what is not here keeps the rule

PEOPLE = (
    *both("from", "from_member_of", "sent_to", "sent_to_member_of", "between_member_of1", "between_member_of2", "manager_addresses"),
    *both("any_of_to_header", "any_of_to_header_member_of", "any_of_cc_header", "any_of_cc_header_member_of"),
    *both("any_of_to_cc_header", "any_of_to_cc_header_member_of"),
)
_TEXTS = both(
    *("subject", "subject_or_body", "header", "from_address", "recipient_address", "any_of_recipient_address", "attachment"),
)
PLAIN_WORDS = (
    *(f"{name}_contains_words" for name in _TEXTS),
    *both("attachment_extension_matches_words", "content_character_set_contains_words", "sender_domain_is", "recipient_domain_is"),
)
PROPERTY_WORDS = both(*(f"{name}_contains_words" for name in ("sender_ad_attribute", "recipient_ad_attribute", "attachment_property")))
REGULAR = (
    *(f"{name}_matches_patterns" for name in _TEXTS),
    *both("attachment_name_matches_patterns", "sender_ad_attribute_matches_patterns", "recipient_ad_attribute_matches_patterns"),
)
FOUND = both(
    *("attachment_has_executable_content", "attachment_is_password_protected", "attachment_is_unsupported", "attachment_processing_limit_exceeded"),
    *("has_no_classification", "has_sender_override"),
)
NAMES = both("ad_comparison_attribute", "header_contains_message_header", "header_matches_message_header")
SIZES, RECEIVED_FROM, TITLES = both("attachment_size_over", "message_size_over"), both("sender_ip_ranges"), both("has_classification")
GIVEN = ("add_to_recipients", "copy_to", "blind_copy_to", "moderate_message_by_user", "redirect_message_to")
SWITCHES = ("moderate_message_by_manager", "delete_message", "quarantine", "disconnect", "stop_rule_processing", "route_message_outbound_require_tls")
_REJECTS = ("reject_message_reason_text", "reject_message_enhanced_status_code")
_REJECTS_SMTP = ("smtp_reject_message_reject_text", "smtp_reject_message_reject_status_code")
ACTIONS = (
    *(*GIVEN, *SWITCHES, *_REJECTS, *_REJECTS_SMTP),
    *("add_manager_as_recipient_type", "prepend_subject", "apply_html_disclaimer_text", "apply_classification", "apply_rights_protection_template"),
    *("set_header_name", "remove_header", "set_scl", "set_audit_severity", "generate_incident_report", "generate_notification", "notify_sender"),
    "log_event_text",
)
"""What makes a rule do something."""

FIELDS = (
    Field("enabled", read="State", codec=STATE),
    Field("notify_sender", read="SenderNotificationType"),
    Field("generate_incident_report", codec="recipient_address"),
    Field("incident_report_content", codec=CONTENT),
    Field("apply_classification", codec=TITLE),
    Field("set_scl", codec=LEVEL),
    *(Field(name, codec=LEVEL) for name in both("scl_over")),
    *(Field(name, codec=CLASSIFICATIONS) for name in both(CLASSIFIED)),
    *(Field(name, codec="timestamp") for name in ("activation_date", "expiry_date")),
    *(Field(name, codec=LINES) for name in ("comments", "apply_html_disclaimer_text", "generate_notification")),
    *(Field(name, codec="name") for name in (*NAMES, "dlp_policy", "apply_rights_protection_template", "set_header_name", "remove_header")),
    *(Field(name, codec="recipient_addresses") for name in (*PEOPLE, *GIVEN)),
    *(Field(name, codec=WORDS) for name in PLAIN_WORDS),
    *(Field(name, codec=ATTRIBUTE_WORDS) for name in PROPERTY_WORDS),
    *(Field(name, codec=PATTERNS) for name in REGULAR),
    *(Field(name, codec=SIZE) for name in SIZES),
    *(Field(name, codec=RANGES) for name in RECEIVED_FROM),
    *(Field(name, codec=TITLE) for name in TITLES),
)
DEFAULTS = {
    "enabled": True,
    "mode": "enforce",
    "rule_error_action": "ignore",
    "sender_address_location": "header",
    "rule_sub_type": "none",
    **dict.fromkeys((*FOUND, *SWITCHES), False),
}


# which parts belong together, and which exclude each other


@dataclasses.dataclass(frozen=True)
class Part:
    """One condition or action of several options, which are written together.

    ``required`` are those without which the others say nothing; where one of ``ends`` is cleared, the part goes as a whole.
    """

    names: tuple[str, ...]
    required: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()

    def exception(self) -> Part:
        return Part(*(tuple(EXCEPT + name for name in names) for names in (self.names, self.required, self.ends)))


def _pair(*names: str) -> Part:
    return Part(names, names, names)


_PREDICATES = (
    _pair("header_contains_message_header", "header_contains_words"),
    _pair("header_matches_message_header", "header_matches_patterns"),
    _pair("between_member_of1", "between_member_of2"),
    _pair("manager_for_evaluated_user", "manager_addresses"),
    Part(("ad_comparison_attribute", "ad_comparison_operator"), ("ad_comparison_attribute",), ("ad_comparison_attribute",)),
)
_DISCLAIMER = ("apply_html_disclaimer_text",)
_REPORT = ("generate_incident_report",)
PARTS = (
    *_PREDICATES,
    *(part.exception() for part in _PREDICATES),
    _pair("set_header_name", "set_header_value"),
    Part((*_DISCLAIMER, "apply_html_disclaimer_location", "apply_html_disclaimer_fallback_action"), _DISCLAIMER, _DISCLAIMER),
    Part((*_REPORT, "incident_report_content"), _REPORT, _REPORT),
    Part(_REJECTS, ends=_REJECTS),  # the server adds the one that is not given
    Part(_REJECTS_SMTP, ends=_REJECTS_SMTP),
)
NEEDED_BY = {"notify_sender": CLASSIFIED}
"""Options of one part that need another."""

FATES = (
    *(_REJECTS, _REJECTS_SMTP, ("redirect_message_to",), ("delete_message",), ("quarantine",), ("disconnect",)),
    *(("moderate_message_by_user",), ("moderate_message_by_manager",)),
)
"""What can become of a message; a rule has one of them."""

RIVALS = (FATES, *(((one,), (other,)) for one, other in zip(TITLES, both("has_no_classification"), strict=True)))
"""Groups of which a rule has one at most."""


def is_set(value: t.Any) -> bool:
    return value is not False and value not in (None, "", [], values.UNSET)


class TransportRule(CmdletResource):
    """A rule.  What it would be in the end is looked at before anything is written: the task's options over what the rule has already."""

    needed = ()

    def __init__(self, noun: str, attributes: dict[str, Attribute], key: str | None, create_with: t.Collection[str]) -> None:
        super().__init__(noun, attributes, key, tuple(attributes))  # half a rule would act on messages at once

    def wanted(self, session: Session, options: Options, current: plan.State | None) -> plan.State:
        for option in both(CLASSIFIED):
            _refuse_unknown_keys(option, options.get(option))
        wanted = super().wanted(session, options, current)
        for part in PARTS:
            ended = [name for name in part.ends if name in wanted and not _asks(wanted[name])]
            asked = [name for name in part.ends if name in wanted and _asks(wanted[name])]
            if ended and asked and not part.required:
                raise UsageError(f"{ended[0]} is empty beside {asked[0]}, but the server never leaves it so", advice="Leave it out, write it, or clear both")
            for name in part.names if ended else ():
                if name not in wanted and is_set((current or {}).get(name)):
                    codec = self.attributes[name].codec
                    wanted[name] = lists.Wanted(exact=[]) if codec.item else codec.load(None)
        return wanted

    def calls(self, todo: plan.Plan, options: Options, found: engine.Reading) -> list[engine.Call]:
        if todo.action == "delete":
            return super().calls(todo, options, found)
        problem = conflict(todo)
        if problem:
            raise UsageError(f"{self.label(options)}: {problem}", advice="Nothing was written; clear or set one of them in the same task")
        if todo.action == "create":
            # a new rule has nothing, and a server refuses even the false of an action that belongs to another role
            given = {name: change for name, change in todo.changes.items() if is_set(change.after) or name == "enabled"}
            return super().calls(dataclasses.replace(todo, changes=given), options, found)
        changes = together(todo)
        switch = changes.pop("enabled", None)
        made = [self.call("Set", options, self.identity(options) | self.dump(changes))] if changes else []
        if switch is None:
            return made
        # a rule is off while it is changed
        return [*made, self.call("Enable", options, self.identity(options))] if switch.after else [self.call("Disable", options, self.identity(options)), *made]


def together(todo: plan.Plan) -> dict[str, plan.Change]:
    """The changes, and with each the rest of its part as it is: the server makes a condition or action out of what comes with one call."""
    after = todo.after or {}
    rest = [name for part in PARTS if todo.changes.keys() & set(part.names) for name in part.names if is_set(after.get(name))]
    return {name: plan.Change(after[name], after[name]) for name in rest} | todo.changes


def conflict(todo: plan.Plan) -> str | None:
    """What is wrong with the rule that the plan leads to, where the plan has a share in it."""
    after = {name for name, value in (todo.after or {}).items() if is_set(value)}
    touched = set(todo.changes)
    return _incomplete(after, touched) or _rivals(after, touched) or _idle(todo, after, touched)


def _incomplete(after: set[str], touched: set[str]) -> str | None:
    needs = [(name, needed) for part in PARTS if touched & set(part.names) for name in part.names for needed in part.required]
    needs += [one for one in NEEDED_BY.items() if touched & set(one)]
    return next((f"{name} needs {needed}" for name, needed in needs if name in after and needed not in after), None)


def _rivals(after: set[str], touched: set[str]) -> str | None:
    for group in RIVALS:
        chosen = [next(name for name in options if name in after) for options in group if after & set(options)]
        ours = [options for options in group if after & touched & set(options)]
        if len(chosen) > 1 and ours:
            return f"{' and '.join(chosen)} exclude each other; a rule has one of them"
    return None


def _idle(todo: plan.Plan, after: set[str], touched: set[str]) -> str | None:
    if after & set(ACTIONS) or (todo.action == "update" and not touched & set(ACTIONS)):
        return None
    if todo.action == "create":
        return "it does not exist, and at least one action is needed to create it, such as prepend_subject"
    return f"without {' and '.join(sorted(touched & set(ACTIONS)))} it would have no action"


def _asks(value: t.Any) -> bool:
    """Whether something of the option is wanted to be there."""
    return value.exact != [] if isinstance(value, lists.Wanted) else is_set(value)


def _refuse_unknown_keys(option: str, value: t.Any) -> None:
    """A server's entry may have keys that nobody knows; a user's may not."""
    for one in lists.parse(option, value, structured=True).members() if value is not None else ():
        unknown = sorted(set(one) - {"name", *_COUNTS}) if isinstance(one, t.Mapping) else []
        if unknown:
            raise UsageError(f"{option}: {', '.join(unknown)} is not one of name, {', '.join(_COUNTS)}")
