# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server's words → the classes of `_core.errors`.

The 8-digit number in Exchange's error ids varies by call site, so the rules key on FailureCategory and exception type first and on
the text last.  Sources of the texts: captures in public issue reports and Microsoft's documentation.  The first rule that fits wins.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import errors

_PREFIX = re.compile(r"\A(?:\[[A-Za-z]+=[^\]]*\]\s*)+")
_WAIT = re.compile(r"\bwait (?:for )?(\d+(?:\.\d+)?) ?(second|minute)", re.I)
_TRUNCATED = re.compile(
    r"only the first \d+ items? (?:are|is|were) returned|there are more results available than are currently displayed|more than \d+ (?:items|results)", re.I
)
_FAILURE = re.compile(r"FailureCategory=(?:Cmdlet-|AuthZ-)?([A-Za-z]+)")


@dataclasses.dataclass(frozen=True)
class Failure:
    """What a server says about one failure: FullyQualifiedErrorId, ErrorCategory, the exception's full type name, and the text."""

    text: str
    error_id: str = ""
    category: str = ""
    error_type: str = ""


@dataclasses.dataclass(frozen=True)
class _Rule:
    """``types``: names of exception classes without namespace; ``ids``: starts of the error id; ``texts``: anywhere in the text."""

    kind: type[errors.HybridError]
    types: frozenset[str] = frozenset()
    ids: tuple[str, ...] = ()
    categories: frozenset[str] = frozenset()
    texts: re.Pattern[str] | None = None

    def fits(self, failure: Failure, types: frozenset[str]) -> bool:
        return bool(
            self.types & types
            or (self.ids and failure.error_id.startswith(self.ids))
            or failure.category in self.categories
            or (self.texts and self.texts.search(failure.text))
        )


def _rule(
    kind: type[errors.HybridError], types: t.Iterable[str] = (), ids: t.Iterable[str] = (), categories: t.Iterable[str] = (), texts: t.Sequence[str] = ()
) -> _Rule:
    return _Rule(kind, frozenset(types), tuple(ids), frozenset(categories), re.compile("|".join(texts), re.I) if texts else None)


RULES: tuple[_Rule, ...] = (
    _rule(
        errors.SessionLimit,
        texts=[
            r"exceeded the maximum number of connections allowed",
            r"maximum number of concurrent shells",
            r"maximum number of (?:users|concurrent users)",
            r"maximum number of (?:processes|shells)",
        ],
    ),
    _rule(
        errors.Throttled,
        types=["OverBudgetException", "ThrottlingException", "ServerBusyException", "ResourceUnhealthyException"],
        texts=[r"exceeded your budget", r"please wait for \d+", r"maximum number of concurrent (?:requests|operations)"],
    ),
    _rule(
        errors.CommandMissing, types=["CommandNotFoundException"], ids=["CommandNotFoundException"], texts=[r"is not recognized as (?:the|a) name of a cmdlet"]
    ),
    _rule(errors.Ambiguous, types=["ManagementObjectAmbiguousException", "ADMultipleMatchingIdentitiesException"], texts=[r"matches multiple entries"]),
    # the words of Set-MailboxJunkEmailConfiguration's documentation
    _rule(errors.NeverOpened, texts=[r"the user needs to sign in to Outlook .+ before they can modify"]),
    _rule(
        errors.NotFound,
        types=[
            "ManagementObjectNotFoundException",
            "ADIdentityNotFoundException",
            "ADNoSuchObjectException",
            "ItemNotFoundException",
            "MapiObjectNotFoundException",
            "UserNotFoundInPermissionEntryException",
            "InvalidExternalUserIdException",
        ],
        ids=["NoServiceFoundForGivenName", "PathNotFound"],
        texts=[
            r"object '.*' couldn't be found on",
            r"couldn't find \S+ \".*\"\. make sure you have typed it correctly",
            r"management object not found for identity",  # Skype for Business Server
        ],
    ),
    _rule(
        errors.AlreadyExists,
        types=[
            "ADObjectAlreadyExistsException",
            "MemberAlreadyExistsException",
            "ProxyAddressExistsException",
            "ADIdentityAlreadyExistsException",
            "UserAlreadyExistInPermissionEntryException",
        ],
        categories=["ResourceExists"],
        texts=[r"\balready exists\b", r"is already being used by", r"is already a member of"],
    ),
    _rule(
        errors.AccessDenied,
        types=["CmdletAccessDeniedException", "UnauthorizedAccessException", "SecurityException", "AuthorizationException", "OperationRequiresScopeException"],
        categories=["PermissionDenied", "SecurityError"],
        texts=[
            r"insufficient access rights",
            r"access is denied",
            r"INSUFF_ACCESS_RIGHTS",
            r"don't have (?:sufficient|enough) permissions?",
            r"within (?:a valid|your current) (?:server )?write scopes?",
        ],
    ),
    _rule(
        errors.BadParameter,
        types=[
            "ParameterBindingException",
            "ParameterBindingValidationException",
            "ParameterBindingArgumentTransformationException",
            "ArgumentTransformationMetadataException",
            "ValidationMetadataException",
            "PSInvalidCastException",
            "DataValidationException",
            "FormatException",
            "ArgumentException",
            "ArgumentNullException",
            # Exchange Online's own names for what its binder refuses
            "ParameterTransformationException",
            "AmbiguousParameterSetException",
            "InvalidScheduledOofDuration",
        ],
        ids=[
            "NamedParameterNotFound",
            "AmbiguousParameterSet",
            "MissingMandatoryParameter",
            "ParameterArgument",
            "CannotConvertArgument",
            "PositionalParameterNotFound",
        ],
        categories=["InvalidArgument"],
    ),
)


def wait_seconds(text: str) -> float | None:
    """How long the server asks to wait.

    >>> wait_seconds("Please wait for 2 seconds.")
    2.0
    """
    match = _WAIT.search(text)
    return None if match is None else float(match.group(1)) * (60 if match.group(2).lower() == "minute" else 1)


def truncates(warning: str) -> bool:
    """Whether the warning says that the list is incomplete."""
    return _TRUNCATED.search(warning) is not None


def readable(text: str) -> str:
    """The text without the bracketed request ids in front of it."""
    return _PREFIX.sub("", text.strip()) or text.strip()


def error(failure: Failure, *, cmdlet: str | None = None, target: str | None = None) -> errors.HybridError:
    """The error for one failure; a `CmdletError` if no rule fits."""
    types = frozenset(name for name in (failure.error_type.rpartition(".")[2], *_FAILURE.findall(f"{failure.error_id} {failure.text}")) if name)
    kind = next((rule.kind for rule in RULES if rule.fits(failure, types)), errors.CmdletError)
    return kind(
        readable(failure.text),
        cmdlet=cmdlet,
        target=target,
        error_id=failure.error_id or None,
        category=failure.category or None,
        error_type=failure.error_type or None,
        wait=wait_seconds(failure.text) if issubclass(kind, (errors.Throttled, errors.SessionLimit)) else None,
    )


def first_of(failures: t.Sequence[Failure], *, cmdlet: str | None = None, target: str | None = None, limit: int = 3) -> errors.HybridError:
    """The error for the first failure; what the others say stands, shortened, behind its text."""
    result = error(failures[0], cmdlet=cmdlet, target=target)
    others = list(dict.fromkeys(text[:200] for text in (readable(failure.text) for failure in failures[1:]) if text != result.text))
    if others:
        more = f" and {len(others) - limit} more" if len(others) > limit else ""
        result.text = f"{errors.sentence(result.text)} Also: {' '.join(errors.sentence(text) for text in others[:limit])}{more}"
    return result
