# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The properties of a transport rule by the kind of their values, and what a rule may not be.

Sources: the reference of New-TransportRule, the pages on conditions and actions of mail flow rules, a captured rule of Exchange 2016.
"""

from __future__ import annotations

import typing as t

EXCEPT = "ExceptIf"
# Kind → conditions; each is an exception as well, with ExceptIf before its name.
CONDITIONS = {
    "addresses": "From SentTo ManagerAddresses AnyOfToHeader AnyOfCcHeader AnyOfToCcHeader",
    "members": "FromMemberOf SentToMemberOf BetweenMemberOf1 BetweenMemberOf2 AnyOfToHeaderMemberOf AnyOfCcHeaderMemberOf AnyOfToCcHeaderMemberOf",
    "words": (
        "SubjectContainsWords SubjectOrBodyContainsWords HeaderContainsWords FromAddressContainsWords RecipientAddressContainsWords SenderDomainIs "
        "AnyOfRecipientAddressContainsWords AttachmentContainsWords AttachmentExtensionMatchesWords ContentCharacterSetContainsWords RecipientDomainIs"
    ),
    "attributes": "SenderADAttributeContainsWords RecipientADAttributeContainsWords SenderADAttributeMatchesPatterns RecipientADAttributeMatchesPatterns",
    "properties": "AttachmentPropertyContainsWords",
    "patterns": (
        "SubjectMatchesPatterns SubjectOrBodyMatchesPatterns HeaderMatchesPatterns FromAddressMatchesPatterns RecipientAddressMatchesPatterns "
        "AnyOfRecipientAddressMatchesPatterns AttachmentMatchesPatterns AttachmentNameMatchesPatterns"
    ),
    "ranges": "SenderIpRanges",
    "classified": "MessageContainsDataClassifications",
    "bool": (
        "AttachmentHasExecutableContent AttachmentIsPasswordProtected AttachmentIsUnsupported AttachmentProcessingLimitExceeded HasNoClassification "
        "HasSenderOverride"
    ),
    "size": "AttachmentSizeOver MessageSizeOver",
    "level": "SCLOver",
    "title": "HasClassification",
    "header": "HeaderContainsMessageHeader HeaderMatchesMessageHeader",
    "attribute": "ADComparisonAttribute",
    "text": "FromScope SentToScope WithImportance MessageTypeMatches SenderManagementRelationship ManagerForEvaluatedUser ADComparisonOperator",
}
ACTIONS = {
    "addresses": "AddToRecipients CopyTo BlindCopyTo RedirectMessageTo",
    "moderators": "ModerateMessageByUser",
    "address": "GenerateIncidentReport",
    "bool": "ModerateMessageByManager DeleteMessage Quarantine Disconnect StopRuleProcessing RouteMessageOutboundRequireTls",
    "level": "SetSCL",
    "title": "ApplyClassification",
    "template": "ApplyRightsProtectionTemplate",
    "header": "SetHeaderName RemoveHeader",
    "names": "IncidentReportContent",
    "text": (
        "PrependSubject SetAuditSeverity ApplyHtmlDisclaimerText ApplyHtmlDisclaimerLocation ApplyHtmlDisclaimerFallbackAction SetHeaderValue "
        "AddManagerAsRecipientType RejectMessageReasonText RejectMessageEnhancedStatusCode SmtpRejectMessageRejectText NotifySender GenerateNotification "
        "SmtpRejectMessageRejectStatusCode LogEventText"
    ),
}
PROPERTIES = {
    "text": "Comments Mode RuleErrorAction SenderAddressLocation RuleSubType",
    "policy": "DlpPolicy",
    "bool": "UseLegacyRegex",
    "date": "ActivationDate",
}
LISTS = {"addresses", "members", "moderators", "words", "attributes", "properties", "patterns", "ranges", "classified", "names"}
INITIAL = {"Mode": "Enforce", "RuleErrorAction": "Ignore", "SenderAddressLocation": "Header", "RuleSubType": "None", "State": "Enabled"}
EDGE = ("Quarantine", "Disconnect", "SmtpRejectMessageRejectText", "SmtpRejectMessageRejectStatusCode", "LogEventText")
"""Actions of Edge Transport servers; the lab's servers have the Mailbox role."""


def _kinds() -> dict[str, str]:
    found = {name: kind for table in (CONDITIONS, ACTIONS, PROPERTIES) for kind, names in table.items() for name in names.split()}
    found |= {EXCEPT + name: kind for kind, names in CONDITIONS.items() for name in names.split()}
    return found | {"ExpiryDate": "expiry"}


KINDS = _kinds()
"""Every property that a parameter writes → its kind."""
ACTION_NAMES = tuple(name for names in ACTIONS.values() for name in names.split())
EXCEPTION_NAMES = tuple(EXCEPT + name for names in CONDITIONS.values() for name in names.split())
CONDITION_NAMES = tuple(name.removeprefix(EXCEPT) for name in EXCEPTION_NAMES)


def _with_exceptions(pairs: t.Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    known = tuple(pairs)
    return (*known, *((EXCEPT + one, EXCEPT + other) for one, other in known))


PAIRS = (
    *_with_exceptions(
        (
            ("HeaderContainsMessageHeader", "HeaderContainsWords"),
            ("HeaderMatchesMessageHeader", "HeaderMatchesPatterns"),
            ("BetweenMemberOf1", "BetweenMemberOf2"),
            ("ManagerForEvaluatedUser", "ManagerAddresses"),
        )
    ),
    ("SetHeaderName", "SetHeaderValue"),
)
"""Parameters that must come together, in one call."""
NEEDS = (
    *_with_exceptions((("ADComparisonOperator", "ADComparisonAttribute"),)),
    ("ApplyHtmlDisclaimerLocation", "ApplyHtmlDisclaimerText"),
    ("ApplyHtmlDisclaimerFallbackAction", "ApplyHtmlDisclaimerText"),
    ("IncidentReportContent", "GenerateIncidentReport"),
    ("NotifySender", "MessageContainsDataClassifications"),
)
"""What is nothing without another property."""
COMPLETED = {
    "RejectMessageReasonText": {"RejectMessageEnhancedStatusCode": "5.7.1"},
    "RejectMessageEnhancedStatusCode": {"RejectMessageReasonText": "Delivery not authorized, message refused"},
    "ApplyHtmlDisclaimerText": {"ApplyHtmlDisclaimerLocation": "Append", "ApplyHtmlDisclaimerFallbackAction": "Wrap"},
    "ADComparisonAttribute": {"ADComparisonOperator": "Equal"},
    "ExceptIfADComparisonAttribute": {"ExceptIfADComparisonOperator": "Equal"},
}
"""Parameter → what the same call sets beside it when it says nothing of it."""
FATES = (
    ("RejectMessageReasonText", "reject"),
    ("RedirectMessageTo", "redirect"),
    ("DeleteMessage", "delete"),
    ("ModerateMessageByUser", "moderate"),
    ("ModerateMessageByManager", "moderate by the manager"),
)
"""Actions of which a rule has one: "one rule can't reject and redirect the same message", and forwarding for approval allows no other."""
OPPOSED = _with_exceptions((("HasClassification", "HasNoClassification"),))
CLASSIFICATIONS = ("Company Internal", "Company Confidential", "Attorney-Client Privilege")
TEMPLATES = ("Do Not Forward", "Contoso - Confidential")
POLICIES = ("PII (U.S.)",)
SENSITIVE = ("Credit Card Number", "ABA Routing Number", "U.S. Social Security Number (SSN)")
ATTRIBUTES = (
    *("City", "Company", "Country", "Department", "DisplayName", "Email", "FaxNumber", "FirstName", "HomePhoneNumber", "Initials", "LastName"),
    *("Manager", "MobileNumber", "Notes", "Office", "OtherFaxNumber", "OtherHomePhoneNumber", "OtherPhoneNumber", "PagerNumber", "PhoneNumber"),
    *("POBox", "State", "Street", "Title", "UserLogonName", "ZipCode", *(f"CustomAttribute{number}" for number in range(1, 16))),
)
