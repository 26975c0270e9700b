"""Many calls in one request: multipart/mixed, each part an HTTP request; the answers come in the order of the requests.

https://developers.google.com/workspace/calendar/api/guides/batch
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from tests.google.replies import Answer, Refusal

MOST = 1000


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


def parts(content_type: str, body: bytes) -> list[Part]:
    """Raises Refusal."""
    boundary = re.search(r'multipart/mixed.*boundary="?([^";]+)', content_type)
    if boundary is None:
        raise Refusal(400, "badRequest", "Missing multipart boundary.")
    pieces = b"\n".join(body.split(b"\r\n")).split(b"--" + boundary[1].encode())
    if len(pieces) < 3 or not pieces[-1].startswith(b"--"):
        raise Refusal(400, "badRequest", "Failed to parse batch request.")
    if len(pieces) - 2 > MOST:
        raise Refusal(400, "badRequest", "The batch request contains too many calls.")
    return [_part(one) for one in pieces[1:-1]]


def _part(text: bytes) -> Part:
    outer, _, inner = text.strip(b"\n").partition(b"\n\n")
    line, _, rest = inner.lstrip(b"\n").partition(b"\n")
    method, _, path = line.decode().strip().partition(" ")
    path = path.rpartition(" ")[0]
    if not path.startswith("/"):
        raise Refusal(400, "badRequest", "A call in a batch names a path, not a whole address.")
    head, _, body = rest.partition(b"\n\n")
    return Part(_headers(outer).get("content-id", ""), method, path, _headers(head), body)


def _headers(text: bytes) -> dict[str, str]:
    told = [line.decode().partition(":") for line in text.split(b"\n")]
    return {name.strip().lower(): value.strip() for name, _, value in told if name.strip()}


def answered(found: Iterable[tuple[Part, Answer]]) -> Answer:
    boundary = "batch_followups"
    told = []
    for part, (status, headers, body) in found:
        name = f"Content-ID: <response-{part.name.strip('<>')}>\r\n" if part.name else ""
        phrase = HTTPStatus(status).phrase
        head = "".join(f"{key}: {value}\r\n" for key, value in headers.items() if key != "Content-Length")
        told.append(
            f"--{boundary}\r\nContent-Type: application/http\r\n{name}\r\n"
            f"HTTP/1.1 {status} {phrase}\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode()
            + body
            + b"\r\n"
        )
    return 200, {"Content-Type": f"multipart/mixed; boundary={boundary}"}, b"".join(told) + f"--{boundary}--\r\n".encode()
