import { parseArgs } from 'node:util';
import { allScenarios } from './scenarios/all-scenarios.ts';
import { runScenarios } from './run-scenarios.ts';
import { tableHead, tableLine } from './report/table.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    quick: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
    'from-source': { type: 'boolean', default: false },
  },
});

/** A whole name is that scenario alone, although `flat-1` is also how `flat-10` begins. */
const wanted = values.only.split(',');
const names = new Set(allScenarios.map(({ name }) => name));
const scenarios = allScenarios.filter(({ name }) =>
  wanted.some((text) => (names.has(text) ? name === text : name.startsWith(text))),
);

if (values.list) {
  for (const { name, about } of scenarios) console.log(`${name.padEnd(18)} ${about}`);
} else if (scenarios.length === 0) {
  console.error(`No scenario begins with "${values.only}": --list shows them`);
  process.exitCode = 2;
} else {
  if (!values.json) console.log(tableHead);
  let isWhole = true;
  for await (const row of runScenarios(scenarios, {
    isFromSource: values['from-source'],
    isQuick: values.quick,
    log: (text) => console.error(text),
  })) {
    console.log(values.json ? JSON.stringify(row) : tableLine(row));
    if (row.value === null || (values.strict && !row.holds)) isWhole = false;
  }
  process.exitCode = isWhole ? 0 : 1;
}
