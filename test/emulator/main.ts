import { parseArgs } from 'node:util';
import { startEmulator } from './emulator.ts';
import { scenarios } from './scenarios.ts';

/** `node test/emulator/main.ts --port 8899`: the emulator for trying an agent by hand. */
const { values } = parseArgs({ options: { port: { type: 'string', default: '8899' } } });
const emulator = await startEmulator({ port: Number(values.port) });
for (const [name, script] of Object.entries(scenarios)) {
  emulator.script(name, script);
  console.log(`ANTHROPIC_BASE_URL=${emulator.baseUrl(name)}`);
}
console.log('Set one of these and ANTHROPIC_API_KEY=sk-ant-dummy for the agent; Ctrl-C ends the emulator.');
process.once('SIGINT', () => void emulator.stop());
process.once('SIGTERM', () => void emulator.stop());
