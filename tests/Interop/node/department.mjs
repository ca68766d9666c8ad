// A department that speaks to the hub from Node.js: with the public protos and libraries of others, nothing of ours.
// node department.mjs ROOT GRPC_ADDRESS TOKEN_ENDPOINT CLIENT_ID KEY_FILE; prints one JSON object.
import { createPrivateKey, randomUUID, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [root, address, tokenEndpoint, clientId, keyFile] = process.argv.slice(2);
const require = createRequire(join(root, 'tests', 'npm', 'package.json'));
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const options = { keepCase: true, longs: Number, enums: String, defaults: true, oneofs: true, includeDirs: [join(root, 'protos')] };
const load = file => grpc.loadPackageDefinition(loader.loadSync(file, options));
const exchange = { ...load('exchange/v1/records.proto').exchange.v1, ...load('exchange/v1/feed.proto').exchange.v1 };
const health = load('grpc/health/v1/health.proto').grpc.health.v1;
const reflection = load('grpc/reflection/v1/reflection.proto').grpc.reflection.v1;

// RFC 7523 section 3: an assertion for the issuer, good for one minute and one use.
async function token() {
  const { issuer } = await (await fetch(new URL('/.well-known/oauth-authorization-server', tokenEndpoint))).json();
  const now = Math.floor(Date.now() / 1000);
  const part = value => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = `${part({ alg: 'ES256', typ: 'JWT' })}.${part({ iss: clientId, sub: clientId, aud: issuer, jti: randomUUID(), iat: now, exp: now + 60 })}`;
  const key = createPrivateKey(readFileSync(keyFile));
  const assertion = `${body}.${sign('sha256', Buffer.from(body), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  const answer = await fetch(tokenEndpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    }),
  });
  return (await answer.json()).access_token;
}

const metadata = new grpc.Metadata();
metadata.set('authorization', `Bearer ${await token()}`);
const connect = Service => new Service(new URL(address).host, grpc.credentials.createInsecure());
const unary = (client, method, request, data) => new Promise(resolve =>
  client[method](request, data, (error, answer) => resolve({ error, answer })));
const all = stream => new Promise((resolve, reject) => {
  const messages = [];
  stream.on('data', message => messages.push(message)).on('error', reject).on('end', () => resolve(messages));
});

const records = connect(exchange.RecordsService);
const feed = connect(exchange.FeedService);
const fields = ['record_no', 'channel', 'accepted_at', 'title'];
const header = { resource: 'resources/complaint', source_system: 'hotline-tickets', fields, push_id: 'node-1', purpose: 'PURPOSE_GOV_SERVICE' };
const ticket = number => ({
  source_id: `node-${number}`,
  values: [{ text: `node-${number}` }, { code: 'HOTLINE_12345' }, { timestamp: { seconds: 1714521600 + number, nanos: 0 } }, { text: '小区漏水 🏚' }],
});

const result = {};
result.health = (await unary(connect(health.Health), 'Check', { service: '' }, new grpc.Metadata())).answer.status;

const listing = connect(reflection.ServerReflection).ServerReflectionInfo(metadata);
listing.write({ list_services: '' });
listing.end();
result.services = (await all(listing))[0].list_services_response.service.map(service => service.name);

const push = records.Push(metadata);
push.write({ header });
push.write({ batch: { sequence: 1, records: [ticket(1), ticket(2)] } });
push.write({ batch: { sequence: 2, records: [ticket(3)] } });
push.end();
result.outcomes = (await all(push)).flatMap(message => message.receipt.results.map(record => record.outcome));

const again = await unary(records, 'PushBatch', { header, batch: { sequence: 2, records: [ticket(3)] } }, metadata);
result.again = again.answer.results[0].outcome;

const refused = await unary(records, 'PushBatch', { header: { ...header, push_id: 'node-2', fields: ['no_such_field'] }, batch: { sequence: 1, records: [] } }, metadata);
result.refused = { code: refused.error.code, details: refused.error.metadata.get('grpc-status-details-bin')[0].toString('latin1') };

const pulled = await all(records.Pull({ resource: 'resources/complaint', purpose: 'PURPOSE_GOV_SERVICE', filter: 'title:"漏水"', fields: ['record_no', 'title'] }, metadata));
result.rows = pulled.flatMap(message => message.batch?.rows ?? []).map(row => row.values.map(value => value.text)).sort();

const following = feed.Follow({ resource: 'resources/complaint', purpose: 'PURPOSE_GOV_SERVICE', beginning: true, fields: ['record_no'] }, metadata);
result.changes = await new Promise((resolve, reject) => {
  const seen = [];
  following.on('error', error => error.code === grpc.status.CANCELLED || reject(error)).on('data', message => {
    seen.push(...(message.batch?.changes ?? []).map(change => change.kind));
    if (seen.length === 3) {
      following.cancel();
      resolve(seen);
    }
  });
});

console.log(JSON.stringify(result));
process.exit(0);
