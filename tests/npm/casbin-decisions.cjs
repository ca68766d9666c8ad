// Answers policy decisions with the npm package `casbin`. Reads one JSON case a line,
// {model, policy, context, rolePatterns, explain, requests}, where the context names the definitions (r, p, e and m when left out),
// the patterns name for a role relation the functions on its names and domains, and a request's value may be an object with attributes;
// writes one line of 1 (allowed), 0 (denied) or e (an error) per request, or with `explain` of the values of the deciding rules.
'use strict';
const { EnforceContext, newEnforcer, newModelFromString, StringAdapter, Util } = require('casbin');
const lines = require('node:readline').createInterface({ input: process.stdin });

// Custom functions, as in PolicyCase.cs.
const functions = {
  startsWith: (text, start) => text.startsWith(start),
  initial: (text) => text.slice(0, 1),
  lengthOf: (text) => text.length,
  known: (text) => {
    if (text === 'eve') throw new Error('unknown');
    return text;
  },
};
const pattern = (name) => Util[`${name}Func`] ?? Util[name];

async function answer(line) {
  const { model, policy, context = ['r', 'p', 'e', 'm'], rolePatterns = {}, explain, requests } = JSON.parse(line);
  const enforcer = await newEnforcer(newModelFromString(model), new StringAdapter(policy));
  await Promise.all(Object.entries(functions).map(([name, run]) => enforcer.addFunction(name, run)));
  for (const [relation, { names, domains }] of Object.entries(rolePatterns)) {
    if (names) await enforcer.addNamedMatchingFunc(relation, pattern(names));
    if (domains) await enforcer.addNamedDomainMatchingFunc(relation, pattern(domains));
  }
  if (explain) {
    return JSON.stringify(requests.map((request) => enforcer.enforceExSync(new EnforceContext(...context), ...request)[1]));
  }

  return requests
    .map((request) => {
      try {
        return enforcer.enforceSync(new EnforceContext(...context), ...request) ? '1' : '0';
      } catch {
        return 'e';
      }
    })
    .join('');
}

(async () => {
  for await (const line of lines) {
    let answers;
    try {
      answers = await answer(line);
    } catch (error) {
      answers = `refused: ${error.message.split('\n')[0]}`;
    }
    process.stdout.write(`${answers}\n`);
  }
})();
