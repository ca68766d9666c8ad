// Times decisions of the npm package `casbin` for `./exchange bench policy`. Reads one JSON command a line:
// {load, model, policy, requests, answers} keeps an enforcer and writes 1 or 0 for each of the first requests;
// {time, milliseconds} asks the requests in turn, three times for at least that long, and writes nanoseconds per decision of the best.
'use strict';
const { newEnforcer, newModelFromString, StringAdapter } = require('casbin');
const lines = require('node:readline').createInterface({ input: process.stdin, crlfDelay: Infinity });
const shapes = new Map();

async function load({ load: name, model, policy, requests, answers }) {
  const enforcer = await newEnforcer(newModelFromString(model), new StringAdapter(policy));
  shapes.set(name, { enforcer, requests, next: 0, batch: 1 });
  return requests
    .slice(0, answers)
    .map((request) => (enforcer.enforceSync(...request) ? '1' : '0'))
    .join('');
}

function time({ time: name, milliseconds }) {
  const shape = shapes.get(name);
  let best = Infinity;
  for (let window = 0; window < 3; window++) {
    best = Math.min(best, timeOnce(shape, milliseconds));
  }
  return best;
}

function timeOnce(shape, milliseconds) {
  const start = process.hrtime.bigint();
  const end = start + BigInt(Math.round(milliseconds * 1e6));
  let decisions = 0;
  let before = start;
  while (before < end) {
    for (let i = 0; i < shape.batch; i++) {
      shape.enforcer.enforceSync(...shape.requests[shape.next]);
      shape.next = (shape.next + 1) % shape.requests.length;
    }
    decisions += shape.batch;
    const now = process.hrtime.bigint();
    // Long enough that reading the clock does not count.
    shape.batch *= now - before < 1_000_000n ? 2 : 1;
    before = now;
  }
  return Number(before - start) / decisions;
}

(async () => {
  for await (const line of lines) {
    const command = JSON.parse(line);
    process.stdout.write(`${command.load ? await load(command) : time(command)}\n`);
  }
})();
