"""Many calls in one request: multipart/mixed, each part an HTTP request; the answers come in the order of the requests.

https://developers.google.com/workspace/calendar/api/guides/batch
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP
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
    message = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    if not message.is_multipart():
        raise Refusal(400, "badRequest", "Missing multipart boundary.")
    found = [_part(one.get("Content-ID", ""), one.get_payload(decode=True) or b"") for one in message.iter_parts()]
    if len(found) > MOST:
        raise Refusal(400, "badRequest", "The batch request contains too many calls.")
    return found


def _part(name: str, text: bytes) -> Part:
    line, _, rest = text.lstrip().partition(b"\n")
    method, _, path = line.decode().strip().partition(" ")
    path = path.rpartition(" ")[0]
    if not path.startswith("/"):
        raise Refusal(400, "badRequest", "A call in a batch names a path, not a whole address.")
    head, _, body = rest.replace(b"\r\n", b"\n").partition(b"\n\n")
    told = [line.decode().partition(":") for line in head.split(b"\n")]
    return Part(name, method, path, {key.strip().lower(): value.strip() for key, _, value in told}, body)


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
