"""Google's own client library, turned to a ``GoogleServer``."""

from __future__ import annotations

import json
from typing import Any

import httplib2
from google.oauth2.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build_from_document
from googleapiclient.discovery_cache import get_static_doc

from tests.google.grants import Client
from tests.google.server import GoogleServer
from tests.google.wire import Door, Transport

VERSIONS = {"calendar": "v3", "tasks": "v1"}
EVERYTHING = ("calendar", "tasks")


def document(service: str, root: str) -> dict[str, Any]:
    """The discovery document with all addresses leading to ``root``: calls and batches both go there."""
    found = json.loads(get_static_doc(service, VERSIONS[service]))
    found.pop("mtlsRootUrl", None)
    return found | {"rootUrl": root, "baseUrl": root + found["servicePath"]}


def opened(service: str, server: GoogleServer, http: Any) -> Any:
    return build_from_document(document(service, server.root), http=http)


def signed_in(server: GoogleServer, door: Door | None, client: Client, account: str, *scopes: str) -> AuthorizedHttp:
    """``door``: without a socket; None: over a real one, with httplib2 as it is."""
    told = server.authorized_user(client, account, *(scopes or EVERYTHING))
    return AuthorizedHttp(credentials(told), http=Transport(door) if door else httplib2.Http(timeout=5))


def credentials(told: dict[str, Any]) -> Credentials:
    """``Credentials.from_authorized_user_info`` takes Google's own token_uri, whatever the file says."""
    names = ("refresh_token", "token_uri", "client_id", "client_secret", "scopes")
    return Credentials(told["token"], **{name: told[name] for name in names})
