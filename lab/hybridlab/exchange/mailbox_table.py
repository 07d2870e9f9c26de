# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The properties of a mailbox: name, kind and default, in the order Get-Mailbox returns them.

Kinds: ``text`` (default empty) and ``text?`` (default null), ``bool``, ``bool?``, ``int``, ``int?``, ``size`` (or Unlimited), ``bytes`` (a size, never
Unlimited), ``count`` (a number or Unlimited), ``span``, ``span*`` (or Unlimited), ``date?``, ``guid``, ``enum`` (names follow the default after ``:``),
``enums`` (several of them), ``flags`` (one value made of several names, in the order of the names), ``texts`` (a list), ``proxies``, ``address``,
``ref`` and ``refs`` (recipients), ``groups`` and ``senders`` (refs that are or are not groups), ``policy`` (a named policy), ``database``; a kind after
``=`` is not a parameter's to set in general: it is computed or has its own function.
``-`` is null, ``""`` the empty string.  Sizes, enumerations and identities are plain strings on the wire, as captured from Exchange 2016.
"""

from __future__ import annotations

import dataclasses
import typing as t

ROWS = """
Database                                =database   DB01
MailboxProvisioningConstraint           =text?      -
MessageCopyForSentAsEnabled             bool        false
MessageCopyForSendOnBehalfEnabled       bool        false
MailboxProvisioningPreferences          =texts
UseDatabaseRetentionDefaults            bool        true
RetainDeletedItemsUntilBackup           bool        false
DeliverToMailboxAndForward              bool        false
IsExcludedFromServingHierarchy          =bool       false
IsHierarchyReady                        bool        true
IsHierarchySyncEnabled                  bool        true
HasSnackyAppData                        =bool       false
LitigationHoldEnabled                   =bool       false
SingleItemRecoveryEnabled               bool        false
RetentionHoldEnabled                    bool        false
EndDateForRetentionHold                 date?       -
StartDateForRetentionHold               date?       -
RetentionComment                        text        ""
RetentionUrl                            text        ""
LitigationHoldDate                      date?       -
LitigationHoldOwner                     text        ""
LitigationHoldDuration                  span*       Unlimited
ManagedFolderMailboxPolicy              policy      -
RetentionPolicy                         policy      -
AddressBookPolicy                       policy      -
CalendarRepairDisabled                  bool        false
ExchangeGuid                            =guid       -
MailboxContainerGuid                    =guid       -
UnifiedMailbox                          =text?      -
MailboxLocations                        =texts
AggregatedMailboxGuids                  =texts
ExchangeSecurityDescriptor              =text       System.Security.AccessControl.RawSecurityDescriptor
ExchangeUserAccountControl              =text       None
AdminDisplayVersion                     =text       ""
MessageTrackingReadStatusEnabled        bool        true
ExternalOofOptions                      enum        External:External,InternalOnly
ForwardingAddress                       ref         -
ForwardingSmtpAddress                   =text?      -
RetainDeletedItemsFor                   span        14.00:00:00
IsMailboxEnabled                        =bool       true
Languages                               texts
OfflineAddressBook                      policy      -
ProhibitSendQuota                       size        Unlimited
ProhibitSendReceiveQuota                size        Unlimited
RecoverableItemsQuota                   size        30 GB (32,212,254,720 bytes)
RecoverableItemsWarningQuota            size        20 GB (21,474,836,480 bytes)
CalendarLoggingQuota                    size        6 GB (6,442,450,944 bytes)
DowngradeHighPriorityMessagesEnabled    bool        false
ProtocolSettings                        =texts
RecipientLimits                         count       Unlimited
ImListMigrationCompleted                bool        false
SiloName                                =text?      -
IsResource                              =bool       false
IsLinked                                =bool       false
IsShared                                =bool       false
IsRootPublicFolderMailbox               =bool       false
LinkedMasterAccount                     =text       ""
ResetPasswordOnNextLogon                bool        false
ResourceCapacity                        =int?       -
ResourceCustom                          =texts
ResourceType                            =text?      -
RoomMailboxAccountEnabled               =bool?      -
SamAccountName                          =text       ""
SCLDeleteThreshold                      int?        -
SCLDeleteEnabled                        bool?       -
SCLRejectThreshold                      int?        -
SCLRejectEnabled                        bool?       -
SCLQuarantineThreshold                  int?        -
SCLQuarantineEnabled                    bool?       -
SCLJunkThreshold                        int?        -
SCLJunkEnabled                          bool?       -
AntispamBypassEnabled                   bool        false
ServerLegacyDN                          =text       /o=Contoso/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Configuration/cn=Servers/cn=EX01
ServerName                              =text       ex01
UseDatabaseQuotaDefaults                bool        true
IssueWarningQuota                       size        Unlimited
RulesQuota                              bytes       256 KB (262,144 bytes)
Office                                  text        ""
UserPrincipalName                       =text       ""
UMEnabled                               =bool       false
MaxSafeSenders                          int?        -
MaxBlockedSenders                       int?        -
NetID                                   =text?      -
ReconciliationId                        =text?      -
WindowsLiveID                           =text       ""
MicrosoftOnlineServicesID               =text       ""
ThrottlingPolicy                        policy      -
RoleAssignmentPolicy                    policy      Default Role Assignment Policy
DefaultPublicFolderMailbox              =ref        -
EffectivePublicFolderMailbox            =ref        -
SharingPolicy                           policy      -
RemoteAccountPolicy                     =text?      -
MailboxPlan                             =text?      -
ArchiveDatabase                         =database   -
ArchiveGuid                             =guid       00000000-0000-0000-0000-000000000000
ArchiveName                             =texts
JournalArchiveAddress                   =text       ""
ArchiveQuota                            size        100 GB (107,374,182,400 bytes)
ArchiveWarningQuota                     size        90 GB (96,636,764,160 bytes)
ArchiveDomain                           =text?      -
ArchiveStatus                           =enum       None:None,Active
ArchiveState                            =text       None
AutoExpandingArchiveEnabled             =bool       false
DisabledMailboxLocations                =bool       false
RemoteRecipientType                     =text       None
DisabledArchiveDatabase                 =text?      -
DisabledArchiveGuid                     =guid       00000000-0000-0000-0000-000000000000
QueryBaseDN                             =text?      -
QueryBaseDNRestrictionEnabled           =bool       false
MailboxMoveTargetMDB                    =text?      -
MailboxMoveSourceMDB                    =text?      -
MailboxMoveFlags                        =text       None
MailboxMoveRemoteHostName               =text       ""
MailboxMoveBatchName                    =text       ""
MailboxMoveStatus                       =text       None
MailboxRelease                          =text       ""
ArchiveRelease                          =text       ""
IsPersonToPersonTextMessagingEnabled    =bool       false
IsMachineToPersonTextMessagingEnabled   =bool       false
UserSMimeCertificate                    =texts
UserCertificate                         =texts
CalendarVersionStoreDisabled            bool        false
ImmutableId                             text        ""
PersistedCapabilities                   =texts
SKUAssigned                             =bool?      -
AuditEnabled                            bool        false
AuditLogAgeLimit                        span        90.00:00:00
AuditAdmin                              enums       Update,Move,MoveToDeletedItems,SoftDelete,HardDelete,FolderBind,SendAs,SendOnBehalf,Create
AuditDelegate                           enums       Update,SoftDelete,HardDelete,SendAs,Create
AuditOwner                              enums
WhenMailboxCreated                      =date?      -
SourceAnchor                            =text       ""
UsageLocation                           =text?      -
IsSoftDeletedByRemove                   =bool       false
IsSoftDeletedByDisable                  =bool       false
IsInactiveMailbox                       =bool       false
IncludeInGarbageCollection              =bool       false
WhenSoftDeleted                         =date?      -
InPlaceHolds                            =texts
GeneratedOfflineAddressBooks            =texts
AccountDisabled                         bool        false
StsRefreshTokensValidFrom               date?       -
DataEncryptionPolicy                    =text?      -
DisableThrottling                       bool        false
Extensions                              =texts
HasPicture                              =bool       false
HasSpokenName                           =bool       false
IsDirSynced                             =bool       false
AcceptMessagesOnlyFrom                  =senders
AcceptMessagesOnlyFromDLMembers         =groups
AcceptMessagesOnlyFromSendersOrMembers  =refs
AddressListMembership                   =texts      \\Mailboxes(VLV),\\All Mailboxes(VLV),\\All Recipients(VLV),\\Default Global Address List,\\All Users
AdministrativeUnits                     =texts
Alias                                   =text       ""
ArbitrationMailbox                      ref         -
BypassModerationFromSendersOrMembers    refs
OrganizationalUnit                      =text       contoso.com/Users
CustomAttribute1                        text        ""
CustomAttribute10                       text        ""
CustomAttribute11                       text        ""
CustomAttribute12                       text        ""
CustomAttribute13                       text        ""
CustomAttribute14                       text        ""
CustomAttribute15                       text        ""
CustomAttribute2                        text        ""
CustomAttribute3                        text        ""
CustomAttribute4                        text        ""
CustomAttribute5                        text        ""
CustomAttribute6                        text        ""
CustomAttribute7                        text        ""
CustomAttribute8                        text        ""
CustomAttribute9                        text        ""
ExtensionCustomAttribute1               texts
ExtensionCustomAttribute2               texts
ExtensionCustomAttribute3               texts
ExtensionCustomAttribute4               texts
ExtensionCustomAttribute5               texts
DisplayName                             text        ""
EmailAddresses                          =proxies
GrantSendOnBehalfTo                     refs
ExternalDirectoryObjectId               =text       ""
HiddenFromAddressListsEnabled           bool        false
LastExchangeChangedTime                 =date?      -
LegacyExchangeDN                        =text       ""
MaxSendSize                             size        Unlimited
MaxReceiveSize                          size        Unlimited
ModeratedBy                             refs
ModerationEnabled                       bool        false
PoliciesIncluded                        =texts      {26491cfc-9e50-4857-861b-0cb8df22b5d7}
PoliciesExcluded                        =texts
EmailAddressPolicyEnabled               =bool       true
PrimarySmtpAddress                      =address    ""
RecipientType                           =text       UserMailbox
RecipientTypeDetails                    =text       UserMailbox
RejectMessagesFrom                      =senders
RejectMessagesFromDLMembers             =groups
RejectMessagesFromSendersOrMembers      =refs
RequireSenderAuthenticationEnabled      bool        false
SimpleDisplayName                       text        ""
SendModerationNotifications             enum        Always:Always,Internal,Never
UMDtmfMap                               texts
WindowsEmailAddress                     =address    ""
MailTip                                 =text?      -
MailTipTranslations                     =texts
Identity                                =text       ""
IsDirSynced                             =bool       false
IsExchangeCloudManaged                  =bool       false
IsValid                                 =bool       true
ExchangeVersion                         =text       0.20 (15.0.0.0)
Name                                    =text       ""
DistinguishedName                       =text       ""
Guid                                    =guid       -
ObjectCategory                          =text       contoso.com/Configuration/Schema/Person
ObjectClass                             =texts      top,person,organizationalPerson,user
WhenChanged                             =date?      -
WhenCreated                             =date?      -
WhenChangedUTC                          =date?      -
WhenCreatedUTC                          =date?      -
OrganizationId                          =text       ""
Id                                      =text       ""
OriginatingServer                       =text       dc01.contoso.com
ObjectState                             =text       Unchanged
"""

LISTS = {"texts", "enums", "refs", "groups", "senders", "proxies"}


@dataclasses.dataclass(frozen=True)
class Property:
    """One row.  ``default`` is the value as the store keeps it; ``names`` are an enumeration's."""

    name: str
    kind: str
    settable: bool
    default: t.Any
    names: tuple[str, ...] = ()


def parse(line: str) -> Property:
    name, kind, *rest = line.split(None, 2)
    text = rest[0] if rest else ""
    settable, kind = not kind.startswith("="), kind.lstrip("=")
    text, _, names = text.partition(":") if kind in ("enum", "enum?", "flags") else (text, "", "")
    return Property(name, kind, settable, _default(kind, text), tuple(filter(None, names.split(","))))


def _default(kind: str, text: str) -> t.Any:
    if kind in LISTS:
        return [item for item in text.split(",") if item]
    if text == "-":
        return None
    if kind.startswith("int") and text.isdecimal():
        return int(text)
    return {'""': "", "true": True, "false": False}.get(text, text)


def table(rows: str) -> dict[str, Property]:
    """Rows in the form of `ROWS`, by name."""
    return {row.name: row for row in map(parse, rows.strip().splitlines())}


PROPERTIES = table(ROWS)
