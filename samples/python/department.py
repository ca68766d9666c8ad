#!/usr/bin/env python3
"""A department's program: pushes tickets to the hub, pulls what it may read, and follows the changes.

    department.py push TICKETS.jsonl PUSH_ID   one record a line: {"source_id": "42", "values": {"title": "..."}}
    department.py pull COPY.jsonl              every record it may read; the checkpoint goes to COPY.jsonl.checkpoint
    department.py follow COPY.jsonl            appends the changes since that checkpoint as they come; Ctrl-C ends it

README.md beside this file says what to install and to set. Change the four constants to what your department does.
"""
import json
import os
import random
import sys
import time
import uuid
from itertools import count, islice
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import urlopen

import grpc
import jwt

from exchange.v1 import feed_pb2, feed_pb2_grpc, records_pb2, records_pb2_grpc, value_pb2
from google.rpc import error_details_pb2, status_pb2

RESOURCE = "resources/complaint"
SOURCE_SYSTEM = os.environ.get("EXCHANGE_SOURCE_SYSTEM", "hotline-tickets")
PURPOSE = value_pb2.PURPOSE_GOV_SERVICE
FIELDS = {"record_no": "text", "channel": "code", "accepted_at": "timestamp", "title": "text"}

RECORDS_PER_BATCH = 500
FAILURES_IN_A_ROW = 8


class AccessToken:
    """Taken with the client's private key (RFC 7523) and renewed a minute before it expires."""

    def __init__(self, endpoint, client, key_file):
        self.endpoint, self.client = endpoint, client
        with open(key_file, encoding="ascii") as file:
            self.key = file.read()
        self.issuer, self.text, self.renew_at = None, None, 0.0

    def metadata(self):
        """What goes with each call."""
        if time.monotonic() >= self.renew_at:
            self.renew()
        return (("authorization", "Bearer " + self.text),)

    def renew(self):
        if self.issuer is None:
            with urlopen(urljoin(self.endpoint, "/.well-known/oauth-authorization-server"), timeout=30) as answer:
                self.issuer = json.load(answer)["issuer"]
        # An assertion is for the issuer alone, good for one minute and, by its `jti`, for one token.
        now = int(time.time())
        claims = {"iss": self.client, "sub": self.client, "aud": self.issuer, "jti": str(uuid.uuid4()), "iat": now, "exp": now + 60}
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": jwt.encode(claims, self.key, algorithm="ES256"),
        }
        with urlopen(self.endpoint, urlencode(form).encode(), timeout=30) as answer:
            token = json.load(answer)
        self.text, self.renew_at = token["access_token"], time.monotonic() + token["expires_in"] - 60


class Hub:
    """The hub's services, called with a good token and with patience."""

    def __init__(self, environment):
        self.token = AccessToken(environment["EXCHANGE_TOKEN_ENDPOINT"], environment["EXCHANGE_CLIENT"], environment["EXCHANGE_KEY"])
        address = urlsplit(environment["EXCHANGE_HUB"])
        # A hub that is gone without a word is noticed by pings, and asked again every few seconds at most.
        options = [("grpc.keepalive_time_ms", 30_000), ("grpc.max_reconnect_backoff_ms", 5_000)]
        if address.scheme == "https":
            authorities = environment.get("SSL_CERT_FILE")
            credentials = grpc.ssl_channel_credentials(open(authorities, "rb").read() if authorities else None)
            channel = grpc.secure_channel(address.netloc, credentials, options)
        else:
            channel = grpc.insecure_channel(address.netloc, options)
        self.records = records_pb2_grpc.RecordsServiceStub(channel)
        self.feed = feed_pb2_grpc.FeedServiceStub(channel)

    def answers(self, call):
        """Gives what call(metadata) gives. It is made again after a failure that may pass: so it must be safe to
        repeat, and go on behind what came already."""
        failures = 0
        while True:
            try:
                for answer in call(self.token.metadata()):
                    failures = 0
                    yield answer
                return
            except (grpc.RpcError, OSError) as error:
                failures += 1
                if failures == FAILURES_IN_A_ROW or not may_pass(error):
                    raise
                # Half of the wait is chance, so that not all departments come back at once.
                wait = min(0.2 * 2 ** failures, 20) * random.uniform(0.5, 1)
                if isinstance(error, grpc.RpcError):
                    wait = max(wait, detail(error, error_details_pb2.RetryInfo).retry_delay.ToTimedelta().total_seconds())
                time.sleep(wait)


def may_pass(error):
    """Whether the same call may go well later: the hub is away, asks to wait, or the stream's token has expired."""
    if isinstance(error, grpc.RpcError):
        return (
            error.code() is grpc.StatusCode.UNAVAILABLE
            or (error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED and detail(error, error_details_pb2.RetryInfo).HasField("retry_delay"))
            or detail(error, error_details_pb2.ErrorInfo).reason == "TOKEN_EXPIRED"
        )
    return not isinstance(error, HTTPError) or error.code in (429, 503)


def detail(error, kind):
    """The google.rpc detail of this kind that came with the status; an empty one when none did."""
    found = kind()
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            any(packed.Unpack(found) for packed in status_pb2.Status.FromString(value).details)
    return found


def explain(error):
    """What the hub refused and why, for people: the reason never changes, so programs may rely on it."""
    if isinstance(error, HTTPError):
        return f"no token: {error.code} {error.read().decode()}"
    if not isinstance(error, grpc.RpcError):
        return str(error)
    lines = [f"{error.code().name} {detail(error, error_details_pb2.ErrorInfo).reason}: {error.details()}"]
    for violation in detail(error, error_details_pb2.BadRequest).field_violations:
        lines.append(f"  {violation.field}: {violation.reason} {violation.description}")
    return "\n".join(lines)


def push(hub, path, push_id):
    """Sends the file in batches. The push id and a batch's sequence are its idempotency key: the same again, after a
    failure or by a second run, stores nothing twice and returns the same receipt."""
    header = records_pb2.PushHeader(resource=RESOURCE, source_system=SOURCE_SYSTEM, fields=list(FIELDS), push_id=push_id, purpose=PURPOSE)
    with open(path, encoding="utf-8") as lines:
        for sequence in count(1):
            tickets = [json.loads(line) for line in islice(lines, RECORDS_PER_BATCH)]
            if not tickets:
                return
            batch = records_pb2.PushedBatch(sequence=sequence, records=[to_record(ticket) for ticket in tickets])
            request = records_pb2.PushBatchRequest(header=header, batch=batch)
            for receipt in hub.answers(lambda metadata: [hub.records.PushBatch(request, metadata=metadata, timeout=30)]):
                for ticket, result in zip(tickets, receipt.results):
                    outcome = records_pb2.RecordOutcome.Name(result.outcome).removeprefix("RECORD_OUTCOME_")
                    reasons = [f"{bad.field} {bad.reason}: {bad.message}" for bad in result.errors]
                    print(ticket["source_id"], outcome, result.record_id, *reasons)


def pull(hub, path):
    """Writes every record. What changes meanwhile comes by following from the checkpoint taken at the first start."""
    request = records_pb2.PullRequest(resource=RESOURCE, fields=list(FIELDS), purpose=PURPOSE)
    start = None
    with open(path, "w", encoding="utf-8") as copy:
        for message in hub.answers(lambda metadata: hub.records.Pull(request, metadata=metadata)):
            if message.HasField("start"):
                start = start or message.start
            for row in message.batch.rows:
                values = {column.field: from_value(value) for column, value in zip(start.columns, row.values)}
                write(copy, {"record": str(uuid.UUID(bytes=row.record_id)), "version": row.version, "values": values})
            # After a break the pull goes on behind this page.
            request.page_token = message.batch.page_token or request.page_token
        on_disk(copy)
    store(path + ".checkpoint", start.checkpoint)


def follow(hub, path):
    """Appends every change, and stores the checkpoint after its effect is on disk: a change may come twice, never not at
    all. A database that takes change and checkpoint in one transaction has each exactly once."""
    with open(path + ".checkpoint", encoding="ascii") as file:
        request = feed_pb2.FollowRequest(resource=RESOURCE, fields=list(FIELDS), purpose=PURPOSE, checkpoint=file.read())
    columns, reached = [], {}
    with open(path, "a", encoding="utf-8") as copy:
        for message in hub.answers(lambda metadata: hub.feed.Follow(request, metadata=metadata)):
            if message.HasField("start"):
                columns = [column.field for column in message.start.columns]
                reached = {place.partition: place.through for place in getattr(message.start, "from")}
            elif message.HasField("backfill"):
                print("what this department may read has changed: pull again, and forget what does not come again", file=sys.stderr)
            else:
                for covered in message.batch.coverage:
                    if covered.after > reached[covered.partition]:
                        raise SystemExit(f"positions of partition {covered.partition} are missing after {reached[covered.partition]}")
                    reached[covered.partition] = covered.through
                for change in message.batch.changes:
                    write(copy, to_change(change, columns))
                on_disk(copy)
                store(path + ".checkpoint", message.batch.checkpoint)
                request.checkpoint = message.batch.checkpoint


def to_change(change, columns):
    """A change as a line: its new values, and what is to be forgotten or to be read again with GetRecord."""
    return {
        "record": str(uuid.UUID(bytes=change.record_id)),
        "version": change.version,
        "change": feed_pb2.ChangeKind.Name(change.kind).removeprefix("CHANGE_KIND_"),
        "values": {columns[index]: from_value(value) for index, value in zip(change.columns, change.values)},
        "withdrawn": [columns[index] for index in change.withdrawn_columns],
        "omitted": [columns[index] for index in change.omitted_columns],
    }


def to_record(ticket):
    """A field that the ticket lacks is left as it is; null removes its value."""
    record = records_pb2.PushedRecord(source_id=ticket["source_id"])
    for field, kind in FIELDS.items():
        value = record.values.add()
        if field in ticket["values"]:
            given = ticket["values"][field]
            if given is None:
                value.clear = True
            elif kind == "timestamp":
                value.timestamp.FromJsonString(given)
            else:
                setattr(value, kind, given)
    return record


def from_value(value):
    """None when there is no value, or none that this department may see."""
    kind = value.WhichOneof("kind")
    if kind is None:
        return None
    held = getattr(value, kind)
    if kind == "timestamp":
        return held.ToJsonString()
    if kind == "text_list":
        return list(held.values)
    return [held.latitude, held.longitude] if kind == "point" else held


def write(file, entry):
    file.write(json.dumps(entry, ensure_ascii=False) + "\n")


def on_disk(file):
    file.flush()
    os.fsync(file.fileno())


def store(path, text):
    """Replaces the file as a whole: a crash leaves the old or the new one."""
    with open(path + ".new", "w", encoding="ascii") as file:
        file.write(text)
        on_disk(file)
    os.replace(path + ".new", path)


def main():
    commands = {"push": push, "pull": pull, "follow": follow}
    if len(sys.argv) < 3 or sys.argv[1] not in commands:
        raise SystemExit(__doc__)
    try:
        commands[sys.argv[1]](Hub(os.environ), *sys.argv[2:])
    except KeyboardInterrupt:
        pass
    except (grpc.RpcError, OSError) as error:
        raise SystemExit(explain(error)) from None


if __name__ == "__main__":
    main()
