# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From an argument on the wire to a value of the parameter's .NET type, or the refusal PowerShell words for it."""

from __future__ import annotations

import datetime
import re
import typing as t
import uuid

from hybridlab.contract import places, refusals
from hybridlab.records import Credential, SecureString

INTEGERS = {"Byte": 8, "Int16": 15, "Int32": 31, "Int64": 63, "UInt16": 16, "UInt32": 32, "UInt64": 64}
_GUID = re.compile(r"\{?[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}\}?|[0-9a-f]{32}", re.IGNORECASE)
_NUMBER = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*([KMGT]B)?\s*", re.IGNORECASE)
_SIZE = re.compile(r"\s*(-?[\d,]+(?:\.\d+)?)\s*(B|KB|MB|GB|TB)?\s*(?:\(([\d,]+) bytes\))?\s*", re.IGNORECASE)
_SPAN = re.compile(r"(-)?(?:(?:(\d+)\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2}(?:\.\d+)?))?|(\d+))")
_UNITS = {"": 1, "B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}
# Parameters of value types that are Nullable although the reference does not list $null among their values.
_LIMITED_NUMBERS = {
    "BadItemLimit",
    "LargeItemLimit",
    "LineWrapSize",
    "MaxConcurrentMigrations",
    "MaxInboundConnection",
    "MaxInboundConnectionPerSource",
    "MaxProtocolErrors",
    "MessageRateLimit",
    "RecipientLimits",
    "ResultSize",
}
_LIMITED_SPANS = {"CompletedRequestAgeLimit", "LitigationHoldDuration", "RequestExpiryInterval"}
_NULLABLE = {
    "DefaultPublicFolderAgeLimit",
    "EwsApplicationAccessPolicy",
    "EwsAllowEntourage",
    "EwsAllowMacOutlook",
    "EwsAllowOutlook",
    "EwsEnabled",
    "TNEFEnabled",
    # conditions and actions of transport rules; so are the exceptions of the same name
    "ADComparisonOperator",
    "AddManagerAsRecipientType",
    "ApplyHtmlDisclaimerFallbackAction",
    "ApplyHtmlDisclaimerLocation",
    "FromScope",
    "ManagerForEvaluatedUser",
    "MessageTypeMatches",
    "NotifySender",
    "SenderManagementRelationship",
    "SentToScope",
    "WithImportance",
    "TlsAuthLevel",
}


class Argument(t.NamedTuple):
    """Where a value goes: the cmdlet, the parameter and its row of the contract."""

    cmdlet: str
    name: str
    row: dict[str, t.Any]

    @property
    def type(self) -> str:
        """The declared type without ``[]``, type parameters and namespace."""
        return t.cast(str, self.row["type"]).removesuffix("[]").partition("`")[0].split(".")[-1].split("+")[-1]

    @property
    def is_array(self) -> bool:
        return t.cast(str, self.row["type"]).endswith("[]")

    def refuse(self, value: t.Any, why: str = "") -> Exception:
        return refusals.cannot_convert(self.cmdlet, self.name, shown(value), self.row["type"], why)

    def unparsed(self, value: t.Any, why: str = "") -> Exception:
        return refusals.cannot_transform(self.cmdlet, self.name, shown(value), self.row["type"], why)


def shown(value: t.Any) -> str:
    """A value as messages print it."""
    if isinstance(value, dict):
        return "System.Collections.Hashtable"
    if isinstance(value, (list, tuple)):
        return "System.Object[]"
    return "System.Security.SecureString" if isinstance(value, SecureString) else str(value)


def convert(argument: Argument, value: t.Any) -> t.Any:
    """The value in the parameter's type.  Raises `Terminating`."""
    if argument.type == "MultiValuedProperty" or argument.type.endswith("Collection"):
        return _multivalued(argument, value)
    if argument.is_array and value is None and not argument.row.get("required"):
        return None
    if argument.is_array:
        value = list(value) if isinstance(value, bytes) else value
        if isinstance(value, list) and any(item is None for item in value):
            raise argument.refuse(value)
        return [_enumerator(argument, _scalar(argument, item)) for item in (value if isinstance(value, list) else [value])]
    if isinstance(value, list) and argument.row.get("accepted_values") and all(isinstance(item, str) for item in value):
        value = ", ".join(value)  # PowerShell joins a list of names for a flags enumeration
    return _enumerator(argument, _scalar(argument, value))


def _multivalued(argument: Argument, value: t.Any) -> t.Any:
    if isinstance(value, dict):
        unknown = [key for key in value if str(key).lower() not in ("add", "remove")]
        if unknown or not value:
            why = "The hash table used to modify a multi-valued property can contain the keys Add and Remove only."
            raise argument.unparsed(value, why)
        return {str(key).capitalize(): _items(argument, item) for key, item in value.items()}
    return None if value is None else _items(argument, value)


def _items(argument: Argument, value: t.Any) -> list[t.Any]:
    values = value if isinstance(value, (list, tuple)) else [] if value is None else [value]
    if any(item is None or isinstance(item, (dict, list, SecureString)) for item in values):
        raise argument.unparsed(value)
    return [_enumerator(argument, str(item) if isinstance(item, (uuid.UUID, bool)) else item) for item in values]


def _enumerator(argument: Argument, value: t.Any) -> t.Any:
    """The accepted spelling of an enumerator; lists the reference calls advisory or open only correct the case."""
    accepted = argument.row.get("accepted_values")
    if not accepted or value is None or isinstance(value, bool):
        return value
    known = {item.lower(): item for item in accepted}
    parts = [str(value)] if str(value).lower() in known else [part.strip() for part in str(value).split(",")]
    if argument.row.get("advisory") or argument.row.get("open"):
        return value
    for part in parts:
        if part.lower() not in known:
            raise refusals.not_an_enumerator(argument.cmdlet, argument.name, part, argument.row["type"], accepted)
    return ", ".join(known[part.lower()] for part in parts)


def _scalar(argument: Argument, value: t.Any) -> t.Any:
    if argument.type == "SwitchParameter":
        if value is None:
            return True  # PowerShell: a null bound to a switch means present
        return _boolean(argument, value, numbers=False)
    if value is None:
        return _null(argument)
    typed = _TYPED.get(argument.type)
    if typed:
        return typed(argument, value)
    if argument.type in INTEGERS:
        return _integer(argument, value)
    return _text(argument, value)


def _null(argument: Argument) -> None:
    """Null clears a property whose type can be null; a Boolean, a time span or an enumerator cannot."""
    accepted = argument.row.get("accepted_values") or ()
    value_type = argument.type in ("Boolean", "EnhancedTimeSpan", "TimeSpan") or (bool(accepted) and argument.type not in (*INTEGERS, "String"))
    nullable = argument.name.removeprefix("ExceptIf") in _NULLABLE or "$null" in accepted
    if argument.row.get("required") or (value_type and not nullable):
        raise refusals.null_refused(argument.cmdlet, argument.name)


def _boolean(argument: Argument, value: t.Any, numbers: bool = True) -> bool:
    if isinstance(value, bool):
        return value
    if numbers and isinstance(value, int) and value in (0, 1):
        return bool(value)
    raise argument.refuse(value, "Boolean parameters accept only Boolean values and numbers, such as $True, $False, 1 or 0 instead.")


def _integer(argument: Argument, value: t.Any) -> int:
    match = None if isinstance(value, (bool, list, dict)) else _NUMBER.fullmatch(str(value))
    if not match:
        raise argument.refuse(value, 'Error: "Input string was not in a correct format."')
    number = round(float(match[1]) * _UNITS[(match[2] or "").upper()]) if match[2] or "." in match[1] else int(match[1])
    bits = INTEGERS[argument.type]
    low = 0 if argument.type.startswith(("U", "Byte")) else -(2**bits)
    if not low <= number < 2**bits:
        raise argument.refuse(value, f'Error: "Value was either too large or too small for an {argument.type}."')
    return number


def _guid(argument: Argument, value: t.Any) -> uuid.UUID:
    if isinstance(value, uuid.UUID):
        return value
    if not isinstance(value, str) or not _GUID.fullmatch(value):
        raise argument.refuse(value, 'Error: "Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx)."')
    return uuid.UUID(value)


def _unlimited(argument: Argument, value: t.Any) -> t.Any:
    """``Unlimited``, or what the parameter limits: a number, a time span, otherwise a size."""
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise argument.unparsed(value)
    if isinstance(value, str) and value.strip().lower() == "unlimited":
        return "Unlimited"
    try:
        if argument.name in _LIMITED_NUMBERS:
            return _limit(value)
        if argument.name in _LIMITED_SPANS:
            return span(str(value))
        size(value)
    except (ValueError, OverflowError) as error:
        raise argument.unparsed(value, f'Error: "{error}"') from None
    return value


def _limit(value: int | str) -> int:
    number = int(value)
    if not 0 <= number < 2**31:
        raise ValueError(f"'{value}' is out of range")
    return number


def _size(argument: Argument, value: t.Any) -> t.Any:
    if isinstance(value, str) and value.strip().lower() == "unlimited":
        raise argument.unparsed(value, 'Error: "The value is not a size."')
    return _unlimited(argument, value)


def size(value: int | str) -> int:
    """Bytes of ``50GB``, ``50 GB (53,687,091,200 bytes)``, ``53687091200``.  Raises ValueError."""
    if isinstance(value, int):
        number = value
    else:
        match = _SIZE.fullmatch(value)
        if not match:
            raise ValueError(f"'{value}' isn't a valid value. The format is: <number>[B|KB|MB|GB|TB], or Unlimited.")
        exact, unit = match[3], (match[2] or "").upper()
        number = int(exact.replace(",", "")) if exact else round(float(match[1].replace(",", "")) * _UNITS[unit])
    if number < 0:
        raise ValueError("the value must not be negative")
    return number


def _span(argument: Argument, value: t.Any) -> datetime.timedelta:
    """``14.00:00:00``, ``14`` (days), ``10:00:00``; a number counts ticks of 100 nanoseconds, as in .NET."""
    if isinstance(value, datetime.timedelta):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return datetime.timedelta(microseconds=value / 10)
    try:
        return span(value) if isinstance(value, str) else span("")
    except ValueError:
        raise argument.refuse(value, 'Error: "String was not recognized as a valid TimeSpan."') from None


def span(text: str) -> datetime.timedelta:
    """Raises ValueError."""
    match = _SPAN.fullmatch(text.strip())
    if not match:
        raise ValueError(f"'{text}' is not a time span")
    sign, days, hours, minutes, seconds, alone = match.groups()
    if alone:
        length = datetime.timedelta(days=int(alone))
    else:
        length = datetime.timedelta(days=int(days or 0), hours=int(hours), minutes=int(minutes), seconds=float(seconds or 0))
    return -length if sign else length


def _date(argument: Argument, value: t.Any) -> datetime.datetime:
    """A date without offset is the server's local time; the lab's server lives in UTC."""
    if isinstance(value, datetime.datetime):
        return value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
    for form in ("iso", "%m/%d/%Y", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %I:%M:%S %p"):
        try:
            found = datetime.datetime.fromisoformat(str(value)) if form == "iso" else datetime.datetime.strptime(str(value), form)
        except ValueError:
            continue
        return found if found.tzinfo else found.replace(tzinfo=datetime.UTC)
    raise argument.refuse(value, 'Error: "String was not recognized as a valid DateTime."')


def _secure(argument: Argument, value: t.Any) -> SecureString:
    if not isinstance(value, SecureString):
        # The real text repeats the value; a client that sends a secret as plain text is told so without it.
        raise argument.refuse("***", 'Error: "A value of type System.Security.SecureString is needed."')
    return value


def _hashtable(argument: Argument, value: t.Any) -> dict[t.Any, t.Any]:
    if not isinstance(value, dict):
        raise argument.refuse(value)
    return value


def _credential(argument: Argument, value: t.Any) -> Credential:
    if not isinstance(value, Credential):
        raise argument.unparsed("***", "Cannot convert to type System.Management.Automation.PSCredential.")
    return value


def _smtp(argument: Argument, value: t.Any) -> str:
    address = _text(argument, value)
    if not re.fullmatch(r"(\"[^\"]+\"|[^\s@\"<>()\[\],;:\\]+)@[^\s@]+", address):
        raise argument.unparsed(
            value, f'Error: "The email address "{address}" isn\'t correct. Please use this format: user name, the @ sign, followed by the domain name."'
        )
    return address


def _domain(argument: Argument, value: t.Any) -> str:
    """``contoso.com``; where subdomains are allowed also ``*.contoso.com`` and ``*``."""
    name = _text(argument, value)
    plain = name if argument.type == "SmtpDomain" else "example.com" if name == "*" else name.removeprefix("*.")
    if not re.fullmatch(r"([\w]([\w-]{0,61}[\w])?\.)+[\w-]{2,}", plain):
        raise argument.unparsed(value, f"Error: \"'{name}' isn't a valid SMTP domain.\"")
    return name


def _text(argument: Argument, value: t.Any) -> str:
    if isinstance(value, SecureString) or not isinstance(value, (str, int, float, uuid.UUID)) or isinstance(value, bool):
        raise argument.refuse(value)
    return str(value)


def _country(argument: Argument, value: t.Any) -> str:
    """The friendly name of a country, for its code or its name; null clears.  The sentence is the service's own."""
    text = _text(argument, value)
    found = places.country(text)
    if found is None:
        raise argument.unparsed(value, f'Error: "The ISO-3166 2-letter country/region code or friendly name "{text}" does not represent a country/region."')
    return found


def _coordinates(argument: Argument, value: t.Any) -> str:
    """``47.644125;-122.122411``, perhaps with an altitude behind."""
    text = _text(argument, value)
    found = places.coordinates(text)
    if found is None:
        raise argument.unparsed(value, f'Error: "{text} isn\'t latitude and longitude separated by a semicolon."')
    return found


_TYPED: dict[str, t.Callable[[Argument, t.Any], t.Any]] = {
    "Boolean": _boolean,
    "CountryInfo": _country,
    "ExDateTime": _date,
    "GeoCoordinates": _coordinates,
    "Guid": _guid,
    "Unlimited": _unlimited,
    "ByteQuantifiedSize": _size,
    "TimeSpan": _span,
    "EnhancedTimeSpan": _span,
    "DateTime": _date,
    "SecureString": _secure,
    "PSCredential": _credential,
    "Hashtable": _hashtable,
    "SmtpAddress": _smtp,
    "SmtpDomain": _domain,
    "SmtpDomainWithSubdomains": _domain,
}
