// Calls that samples/javascript/department.js does without: health, reflection and the unary push, with what it has for tokens and protos. Prints one JSON object.
'use strict';
const path = require('node:path');
const grpc = require('@grpc/grpc-js');
const { Hub, detail, load, toRecord } = require(path.join(__dirname, '..', '..', '..', 'samples', 'javascript', 'department.js'));

const health = load('grpc/health/v1/health.proto').grpc.health.v1;
const reflection = load('grpc/reflection/v1/reflection.proto').grpc.reflection.v1;
const unary = (client, method, request, metadata) => new Promise(resolve =>
  client[method](request, metadata, (error, answer) => resolve({ error, answer })));

async function main() {
  const hub = new Hub(process.env);
  const metadata = await hub.token.metadata();
  const result = {};
  result.health = (await unary(hub.connect(health.Health), 'Check', { service: '' }, new grpc.Metadata())).answer.status;

  const listing = hub.connect(reflection.ServerReflection).ServerReflectionInfo(metadata);
  listing.write({ list_services: '' });
  listing.end();
  for await (const message of listing) {
    result.services = message.list_services_response.service.map(service => service.name);
  }

  const header = { resource: 'resources/complaint', source_system: 'hotline-tickets', fields: ['record_no', 'channel', 'accepted_at', 'title'], push_id: 'node-1', purpose: 'PURPOSE_GOV_SERVICE' };
  const ticket = { source_id: 'node-1', values: { record_no: 'node-1', channel: 'HOTLINE_12345', accepted_at: '2024-05-01T08:00:00Z', title: '小区漏水 🏚' } };
  const push = (changed, records) => unary(hub.records, 'PushBatch', { header: { ...header, ...changed }, batch: { sequence: 1, records } }, metadata);
  result.pushed = (await push({}, [toRecord(ticket)])).answer.results[0].outcome;
  result.again = (await push({}, [toRecord(ticket)])).answer.results[0].outcome;
  const { error } = await push({ push_id: 'node-2', fields: ['no_such_field'] }, []);
  result.refused = { code: error.code, reason: detail(error, 'ErrorInfo').reason, fields: detail(error, 'BadRequest').fieldViolations.map(violation => violation.reason) };

  const search = hub.records.Pull({ resource: 'resources/complaint', purpose: 'PURPOSE_GOV_SERVICE', filter: 'title:"漏水"', fields: ['record_no', 'title'] }, metadata);
  result.rows = [];
  for await (const message of search) {
    result.rows.push(...(message.batch?.rows ?? []).map(row => row.values.map(value => value.text)));
  }
  console.log(JSON.stringify(result));
}

main().then(() => process.exit(0), error => {
  console.error(error);
  process.exit(1);
});
