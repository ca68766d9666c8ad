// A department's program: pushes tickets to the hub, pulls what it may read, and follows the changes.
//
//   node department.js push TICKETS.jsonl PUSH_ID   one record a line: {"source_id": "42", "values": {"title": "..."}}
//   node department.js pull COPY.jsonl              every record it may read; the checkpoint goes to COPY.jsonl.checkpoint
//   node department.js follow COPY.jsonl            appends the changes since that checkpoint as they come; Ctrl-C ends it
//
// README.md beside this file says what to install and to set. Change the four constants to what your department does.
'use strict';
const { createPrivateKey, randomUUID, sign } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');
const protobuf = require('protobufjs');

const RESOURCE = 'resources/complaint';
const SOURCE_SYSTEM = process.env.EXCHANGE_SOURCE_SYSTEM ?? 'hotline-tickets';
const PURPOSE = 'PURPOSE_GOV_SERVICE';
const FIELDS = { record_no: 'text', channel: 'code', accepted_at: 'timestamp', title: 'text' };

const RECORDS_PER_BATCH = 500;
const FAILURES_IN_A_ROW = 8;
const PROTOS = path.join(__dirname, '..', '..', 'protos');

// Numbers of 64 bits arrive as texts: a position may be larger than JavaScript's numbers are exact.
const load = file => grpc.loadPackageDefinition(loader.loadSync(file, { keepCase: true, longs: String, enums: String, oneofs: true, defaults: true, includeDirs: [PROTOS] }));
const { RecordsService } = load('exchange/v1/records.proto').exchange.v1;
const { FeedService } = load('exchange/v1/feed.proto').exchange.v1;
const details = protobuf.loadSync(['status', 'error_details'].map(name => path.join(PROTOS, 'google', 'rpc', `${name}.proto`)));

// Taken with the client's private key (RFC 7523) and renewed a minute before it expires.
class AccessToken {
  constructor(endpoint, client, keyFile) {
    Object.assign(this, { endpoint, client, key: createPrivateKey(fs.readFileSync(keyFile)), renewAt: 0 });
  }

  // What goes with each call.
  async metadata() {
    if (performance.now() >= this.renewAt) {
      await this.renew();
    }
    const metadata = new grpc.Metadata();
    metadata.set('authorization', `Bearer ${this.text}`);
    return metadata;
  }

  async renew() {
    this.issuer ??= (await json(await fetch(new URL('/.well-known/oauth-authorization-server', this.endpoint)))).issuer;
    const token = await json(await fetch(this.endpoint, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: this.assertion(),
      }),
    }));
    this.text = token.access_token;
    this.renewAt = performance.now() + (token.expires_in - 60) * 1000;
  }

  // For the issuer alone, good for one minute and, by its `jti`, for one token.
  assertion() {
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: this.client, sub: this.client, aud: this.issuer, jti: randomUUID(), iat: now, exp: now + 60 };
    const signed = [{ alg: 'ES256', typ: 'JWT' }, claims].map(part => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return `${signed}.${sign('sha256', Buffer.from(signed), { key: this.key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  }
}

async function json(answer) {
  if (!answer.ok) {
    throw Object.assign(new Error(`no token: ${answer.status} ${await answer.text()}`), { httpStatus: answer.status });
  }
  return answer.json();
}

// The hub's services, called with a good token and with patience.
class Hub {
  constructor(environment) {
    this.token = new AccessToken(environment.EXCHANGE_TOKEN_ENDPOINT, environment.EXCHANGE_CLIENT, environment.EXCHANGE_KEY);
    const address = new URL(environment.EXCHANGE_HUB);
    this.host = address.host;
    const authorities = environment.NODE_EXTRA_CA_CERTS;
    this.credentials = address.protocol === 'https:' ? grpc.credentials.createSsl(authorities ? fs.readFileSync(authorities) : null) : grpc.credentials.createInsecure();
    // A hub that is gone without a word is noticed by pings, and asked again every few seconds at most.
    this.options = { 'grpc.keepalive_time_ms': 30_000, 'grpc.max_reconnect_backoff_ms': 5_000 };
    this.records = this.connect(RecordsService);
    this.feed = this.connect(FeedService);
  }

  connect(Service) {
    return new Service(this.host, this.credentials, this.options);
  }

  // Gives the messages of the stream that call(metadata) opens. It is opened again after a failure that may pass: so it
  // must be safe to repeat, and go on behind what came already.
  async *answers(call) {
    for (let failures = 0; ;) {
      let stream;
      try {
        stream = call(await this.token.metadata());
        stream.on('error', () => {}); // The loop below gets it; this is for what comes when nobody reads any more.
        for await (const message of stream) {
          failures = 0;
          yield message;
        }
        return;
      } catch (error) {
        failures++;
        if (failures === FAILURES_IN_A_ROW || !mayPass(error)) {
          throw error;
        }
        // Half of the wait is chance, so that not all departments come back at once.
        const wait = Math.min(200 * 2 ** failures, 20_000) * (0.5 + Math.random() / 2);
        const { seconds = 0, nanos = 0 } = detail(error, 'RetryInfo')?.retryDelay ?? {};
        await sleep(Math.max(wait, Number(seconds) * 1000 + nanos / 1_000_000));
      } finally {
        stream?.cancel();
      }
    }
  }
}

// Whether the same call may go well later: the hub is away, asks to wait, or the stream's token has expired.
function mayPass(error) {
  if (error.metadata instanceof grpc.Metadata) {
    return error.code === grpc.status.UNAVAILABLE
      || (error.code === grpc.status.RESOURCE_EXHAUSTED && detail(error, 'RetryInfo') !== undefined)
      || detail(error, 'ErrorInfo')?.reason === 'TOKEN_EXPIRED';
  }
  return error.httpStatus === undefined ? error instanceof TypeError && error.cause !== undefined : [429, 503].includes(error.httpStatus);
}

// The google.rpc detail of this kind that came with the status, if one did.
function detail(error, kind) {
  const [status] = error.metadata?.get?.('grpc-status-details-bin') ?? [];
  const packed = status && details.lookupType('google.rpc.Status').decode(status).details.find(any => any.type_url.endsWith(`/google.rpc.${kind}`));
  return packed && details.lookupType(`google.rpc.${kind}`).decode(packed.value);
}

// What the hub refused and why, for people: the reason never changes, so programs may rely on it.
function explain(error) {
  if (!(error.metadata instanceof grpc.Metadata)) {
    return error.cause?.message ?? error.message;
  }
  const violations = detail(error, 'BadRequest')?.fieldViolations ?? [];
  return [
    `${grpc.status[error.code]} ${detail(error, 'ErrorInfo')?.reason ?? ''}: ${error.details}`,
    ...violations.map(violation => `  ${violation.field}: ${violation.reason} ${violation.description}`),
  ].join('\n');
}

// Sends the file on one stream, in batches. The push id and a batch's sequence are its idempotency key: the same again,
// after a failure or by a second run, stores nothing twice and returns the same receipt.
async function push(hub, file, pushId) {
  const header = { resource: RESOURCE, source_system: SOURCE_SYSTEM, fields: Object.keys(FIELDS), push_id: pushId, purpose: PURPOSE };
  const tickets = lines(file);
  const waiting = new Map();
  for (let from = 0; from < tickets.length; from += RECORDS_PER_BATCH) {
    waiting.set(waiting.size + 1, tickets.slice(from, from + RECORDS_PER_BATCH));
  }
  const send = metadata => {
    const stream = hub.records.Push(metadata);
    stream.write({ header });
    for (const [sequence, batch] of waiting) {
      stream.write({ batch: { sequence, records: batch.map(toRecord) } });
    }
    stream.end();
    return stream;
  };
  for await (const { receipt } of hub.answers(send)) {
    const batch = waiting.get(Number(receipt.sequence));
    waiting.delete(Number(receipt.sequence));
    receipt.results.forEach((result, index) => {
      const reasons = result.errors.map(bad => `${bad.field} ${bad.reason}: ${bad.message}`);
      console.log([batch[index].source_id, result.outcome.replace('RECORD_OUTCOME_', ''), result.record_id, ...reasons].join(' '));
    });
  }
}

// Writes every record. What changes meanwhile comes by following from the checkpoint taken at the first start.
async function pull(hub, file) {
  const request = { resource: RESOURCE, fields: Object.keys(FIELDS), purpose: PURPOSE, page_token: '' };
  let start;
  const copy = fs.openSync(file, 'w');
  for await (const message of hub.answers(metadata => hub.records.Pull(request, metadata))) {
    start ??= message.start;
    for (const row of message.batch?.rows ?? []) {
      const values = Object.fromEntries(row.values.map((value, index) => [start.columns[index].field, fromValue(value)]));
      write(copy, { record: uuid(row.record_id), version: Number(row.version), values });
    }
    // After a break the pull goes on behind this page.
    request.page_token = message.batch?.page_token || request.page_token;
  }
  fs.fsyncSync(copy);
  store(`${file}.checkpoint`, start.checkpoint);
}

// Appends every change, and stores the checkpoint after its effect is on disk: a change may come twice, never not at all.
// A database that takes change and checkpoint in one transaction has each exactly once.
async function follow(hub, file) {
  const request = { resource: RESOURCE, fields: Object.keys(FIELDS), purpose: PURPOSE, checkpoint: fs.readFileSync(`${file}.checkpoint`, 'ascii') };
  const copy = fs.openSync(file, 'a');
  let columns = [];
  let reached = new Map();
  for await (const { start, batch, backfill } of hub.answers(metadata => hub.feed.Follow(request, metadata))) {
    if (start) {
      columns = start.columns.map(column => column.field);
      reached = new Map(start.from.map(place => [place.partition, BigInt(place.through)]));
    } else if (backfill) {
      console.error('what this department may read has changed: pull again, and forget what does not come again');
    } else if (batch) {
      for (const { partition, after, through } of batch.coverage) {
        if (BigInt(after) > reached.get(partition)) {
          throw new Error(`positions of partition ${partition} are missing after ${reached.get(partition)}`);
        }
        reached.set(partition, BigInt(through));
      }
      batch.changes.forEach(change => write(copy, toChange(change, columns)));
      fs.fsyncSync(copy);
      store(`${file}.checkpoint`, batch.checkpoint);
      request.checkpoint = batch.checkpoint;
    }
  }
}

// A change as a line: its new values, and what is to be forgotten or to be read again with GetRecord.
function toChange(change, columns) {
  return {
    record: uuid(change.record_id),
    version: Number(change.version),
    change: change.kind.replace('CHANGE_KIND_', ''),
    values: Object.fromEntries(change.columns.map((column, index) => [columns[column], fromValue(change.values[index])])),
    withdrawn: change.withdrawn_columns.map(column => columns[column]),
    omitted: change.omitted_columns.map(column => columns[column]),
  };
}

// A field that the ticket lacks is left as it is; null removes its value.
function toRecord(ticket) {
  const toValue = ([field, kind]) => {
    const given = ticket.values[field];
    if (given === undefined) {
      return {};
    }
    return given === null ? { clear: true } : { [kind]: kind === 'timestamp' ? toTimestamp(given) : given };
  };
  return { source_id: ticket.source_id, values: Object.entries(FIELDS).map(toValue) };
}

function toTimestamp(text) {
  const milliseconds = Date.parse(text);
  return { seconds: Math.floor(milliseconds / 1000), nanos: (((milliseconds % 1000) + 1000) % 1000) * 1_000_000 };
}

// Null when there is no value, or none that this department may see.
function fromValue(value) {
  const held = value[value.kind];
  switch (value.kind) {
    case undefined: return null;
    case 'timestamp': return new Date(Number(held.seconds) * 1000 + held.nanos / 1_000_000).toISOString();
    case 'text_list': return held.values;
    case 'point': return [held.latitude, held.longitude];
    default: return held;
  }
}

const uuid = bytes => bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
const lines = file => fs.readFileSync(file, 'utf8').split('\n').filter(line => line.trim()).map(line => JSON.parse(line));
const write = (file, entry) => fs.writeSync(file, `${JSON.stringify(entry)}\n`);

// Replaces the file as a whole: a crash leaves the old or the new one.
function store(file, text) {
  const next = fs.openSync(`${file}.new`, 'w');
  fs.writeSync(next, text);
  fs.fsyncSync(next);
  fs.closeSync(next);
  fs.renameSync(`${file}.new`, file);
}

async function main() {
  const [command, ...files] = process.argv.slice(2);
  const commands = { push, pull, follow };
  if (!commands[command] || files.length === 0) {
    throw new Error('usage: node department.js push|pull|follow FILE [PUSH_ID]');
  }
  await commands[command](new Hub(process.env), ...files);
}

if (require.main === module) {
  main().then(() => process.exit(0), error => {
    console.error(explain(error));
    process.exit(1);
  });
}

module.exports = { Hub, detail, load, toRecord };
