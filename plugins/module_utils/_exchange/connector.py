# Copyright (c) 2026 The m365.hybrid authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What receive and send connectors have in common, and names of servers."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.m365.hybrid.plugins.module_utils._core import values

_CERTIFICATE = re.compile(r"(?i)<I>.+<S>.+")


def certificate(value: t.Any) -> str:
    """A certificate by its issuer and subject: ``<I>CN=Contoso CA<S>CN=mail.contoso.com``; empty for none."""
    found = values.text(value).strip()
    if found and not _CERTIFICATE.fullmatch(found):
        raise ValueError(f"{value!r} is not the name of a certificate such as <I>CN=Contoso CA<S>CN=mail.contoso.com; it is not found by its thumbprint")
    return found


CERTIFICATE = values.Codec(certificate, str.casefold, values.TEXT.dump)


def server_key(value: t.Any) -> str:
    """Servers are shown by their short name, and may be named in full."""
    return values.text(value).casefold().partition(".")[0]
