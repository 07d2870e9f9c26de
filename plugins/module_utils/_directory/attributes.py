# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Attributes of Active Directory and the kinds of their values, as data.

What the table does not know is looked up in the directory's own schema; the table saves that question for what modules use, and says
what the schema does not: which of its octet strings are identifiers, and which of its large integers are times.  Sources: [MS-ADTS]
sections 2.2 (syntaxes) and 3.1.1.2.2, [MS-ADA1] to [MS-ADA3] (attributes), and the Exchange schema reference.
"""

from __future__ import annotations

import dataclasses
import typing as t

_SINGLE: dict[str, str] = {
    "text": "cn name sAMAccountName userPrincipalName displayName givenName sn initials title department company division employeeID "
    "employeeNumber employeeType mail mobile telephoneNumber homePhone pager facsimileTelephoneNumber ipPhone wWWHomePage "
    "physicalDeliveryOfficeName streetAddress street l st c co postalCode personalTitle generationQualifier middleName info comment "
    "homeDirectory homeDrive profilePath scriptPath mailNickname targetAddress legacyExchangeDN msExchHomeServerName "
    "userWorkstations dNSHostName operatingSystem operatingSystemVersion lDAPDisplayName attributeSyntax msExchAssistantName textEncodedORAddress "
    "msExchResourceDisplay adminDisplayName location nETBIOSName gPLink extensionAttribute1 extensionAttribute2 "
    "extensionAttribute3 extensionAttribute4 extensionAttribute5 extensionAttribute6 extensionAttribute7 extensionAttribute8 "
    "extensionAttribute9 extensionAttribute10 extensionAttribute11 extensionAttribute12 extensionAttribute13 extensionAttribute14 extensionAttribute15",
    "dn": "distinguishedName manager managedBy objectCategory homeMDB msExchServerSite serverReference defaultNamingContext rootDomainNamingContext "
    "configurationNamingContext schemaNamingContext dsServiceName serverName msExchHomeMTA homeMTA altRecipient nCName fSMORoleOwner",
    "int": "userAccountControl groupType countryCode codePage sAMAccountType primaryGroupID logonCount badPwdCount instanceType systemFlags searchFlags "
    "msDS-SupportedEncryptionTypes msDS-User-Account-Control-Computed msExchRecipientDisplayType msExchCurrentServerRoles versionNumber oMSyntax "
    "adminCount minPwdLength pwdHistoryLength pwdProperties lockoutThreshold msDS-Behavior-Version linkID",
    "int64": "uSNCreated uSNChanged msExchVersion msExchRecipientTypeDetails msExchRemoteRecipientType highestCommittedUSN maxPwdAge minPwdAge "
    "lockoutDuration lockOutObservationWindow",
    "filetime": "accountExpires pwdLastSet lastLogon lastLogonTimestamp lastLogoff badPasswordTime lockoutTime "
    "msDS-UserPasswordExpiryTimeComputed creationTime",
    "time": "whenCreated whenChanged currentTime",
    "bool": "isDeleted isRecycled isCriticalSystemObject msExchHideFromAddressLists mAPIRecipient isSingleValued showInAdvancedViewOnly isSynchronized "
    "isGlobalCatalogReady isMemberOfPartialAttributeSet msExchRequireAuthToSendTo",
    "guid": "objectGUID mS-DS-ConsistencyGuid msExchMailboxGuid msExchArchiveGUID schemaIDGUID attributeSecurityGUID",
    "sid": "objectSid securityIdentifier",
    "octets": "nTSecurityDescriptor userParameters logonHours thumbnailPhoto",
}
_MULTI: dict[str, str] = {
    "text": "objectClass ou uid canonicalName dnsRoot msDS-AllowedToDelegateTo "
    "description proxyAddresses otherTelephone otherMobile otherHomePhone otherPager otherFacsimileTelephoneNumber otherIpPhone "
    "otherMailbox url servicePrincipalName networkAddress serialNumber wellKnownObjects otherWellKnownObjects postalAddress "
    "postOfficeBox supportedLDAPVersion supportedSASLMechanisms supportedControl supportedCapabilities supportedLDAPPolicies uPNSuffixes "
    "mayContain systemMayContain auxiliaryClass systemAuxiliaryClass keywords",
    "dn": "member memberOf directReports managedObjects msExchMemberBase showInAddressBook publicDelegates authOrig unauthOrig dLMemSubmitPerms "
    "dLMemRejectPerms namingContexts subRefs masteredBy",
    "sid": "sIDHistory tokenGroups",
    "octets": "userCertificate userSMIMECertificate jpegPhoto supplementalCredentials",
}
_SYNTAXES = {
    "2.5.5.1": "dn",
    "2.5.5.8": "bool",
    "2.5.5.9": "int",
    "2.5.5.10": "octets",
    "2.5.5.11": "time",
    "2.5.5.15": "octets",
    "2.5.5.16": "int64",
    "2.5.5.17": "sid",
}
"""The schema's attributeSyntax → kind; every other one is text."""
SECRET = (
    *("unicodePwd", "dBCSPwd", "ntPwdHistory", "lmPwdHistory", "supplementalCredentials", "userPassword", "unixUserPassword", "msSFU30Password"),
    *("ms-Mcs-AdmPwd", "msLAPS-Password", "msLAPS-EncryptedPassword", "msLAPS-EncryptedPasswordHistory"),
    *("msLAPS-EncryptedDSRMPassword", "msLAPS-EncryptedDSRMPasswordHistory", "msDS-ManagedPassword", "msFVE-RecoveryPassword", "msFVE-KeyPackage"),
    *("initialAuthIncoming", "initialAuthOutgoing", "trustAuthIncoming", "trustAuthOutgoing", "currentValue", "priorValue", "pekList"),
    *("privateKey", "msPKIAccountCredentials", "msPKIDPAPIMasterKeys", "msDS-ExecuteScriptPassword"),
)
"""Attributes that no result may show."""


@dataclasses.dataclass(frozen=True)
class Kind:
    """An attribute as the schema spells it, the kind of its values, and whether it has one at the most."""

    name: str
    kind: str
    single: bool


def _known() -> dict[str, Kind]:
    return {
        name.lower(): Kind(name, kind, single)
        for table, single in ((_SINGLE, True), (_MULTI, False))
        for kind, names in table.items()
        for name in names.split()
    }


KNOWN = _known()
Ask = t.Callable[[str, t.Collection[str]], t.Iterable[t.Mapping[str, t.Any]]]
QUESTION = ("lDAPDisplayName", "attributeSyntax", "isSingleValued")


class Schema:
    """The kinds of attributes: those of the table, and those that were asked for.

    ``ask`` makes a search of the schema partition, given a filter and attributes, and returns its objects.
    """

    def __init__(self, ask: Ask, before: Schema | None = None) -> None:
        """``before`` is what another question learnt."""
        self._ask = ask
        self._known: dict[str, Kind | None] = before._known if before else dict(KNOWN)

    def learn(self, names: t.Iterable[str]) -> None:
        """Ask for all of these that nobody knows yet, together.  Raises `HybridError`."""
        new = sorted({name.lower() for name in names} - self._known.keys())
        new = [name for name in new if name.replace("-", "").isalnum()]
        for start in range(0, len(new), 100):
            part = new[start : start + 100]
            text = "".join(f"(lDAPDisplayName={name})" for name in part)
            self._known |= dict.fromkeys(part)
            for found in self._ask(f"(&(objectClass=attributeSchema)(|{text}))", QUESTION):
                name = str(found["lDAPDisplayName"][0])
                self._known[name.lower()] = Kind(name, _SYNTAXES.get(str(found["attributeSyntax"][0]), "text"), _true(found["isSingleValued"][0]))

    def kind(self, name: str) -> Kind | None:
        """What is known of an attribute; None where the directory has none of this name, or nobody asked."""
        return self._known.get(name.lower())


def _true(value: t.Any) -> bool:
    return str(value).upper() == "TRUE"
