# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Active Directory, in memory and over LDAP.

`Directory` is the one place where accounts, groups, contacts and the configuration of the forest live.  LDAP clients reach it through
`hybridlab.ad.server`; the other parts of the lab use it as Python objects:

- ``directory.objects(base)`` gives the objects below a distinguished name (or everywhere), ``directory.find(name)`` the one with this
  distinguished name, or None; ``directory.by_guid(guid)``, ``directory.by_value("userPrincipalName", "dave@contoso.com")`` ask an index.
- An `DirectoryObject` reads as ``one.text("mail")``, ``one.texts("proxyAddresses")``, ``one.number("userAccountControl")``,
  ``one.raw("mS-DS-ConsistencyGuid")``, ``one.truth("deliverAndRedirect")``; it has ``guid``, ``dn``, ``classes``, ``usn`` and ``deleted``.
  Links are ``one.links["member"]`` (objects), their back links ``one.backs["member"]``.
- ``directory.put(one, "mail", "x@contoso.com")`` writes without the checks that LDAP clients meet; `hybridlab.ad.updates` has those.
- The feed of changes: ``directory.changes(since)`` gives what changed after that number, tombstones included (``one.deleted``), in the order
  of their ``usn``; the next question begins at ``directory.usn``.
- ``directory.watch(listener)`` calls ``listener(one)`` after each change of an object, with ``directory.lock`` held.

Whoever reads several objects that belong together, or writes, holds ``directory.lock``.
"""
