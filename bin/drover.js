#!/usr/bin/env node
// Old syntax on purpose: an old Node must be able to read this far, to be told that it is too old.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath, URL } from 'node:url';

const neededMajor = 24;
const here = fileURLToPath(import.meta.url);
const isClone = existsSync(new URL('../src/cli/main.ts', import.meta.url));

if (Number(process.versions.node.split('.')[0]) >= neededMajor) {
  const { useCompileCache } = await import(ours('kernel/compile-cache.js'));
  useCompileCache(process.env);
  await import(ours(isClone ? 'cli/main.ts' : 'cli/main.js'));
} else if (isClone) {
  // A clone brings its own Node as a devDependency.
  const nodes = ['node/bin/node', '.bin/node'].map((path) => new URL(`../node_modules/${path}`, import.meta.url));
  const node = nodes.find((candidate) => existsSync(candidate));
  if (node === undefined) refuse('in this clone "npm ci" installs it');
  else goOnWith(fileURLToPath(node));
} else {
  refuse('install it from https://nodejs.org');
}

function ours(name) {
  return new URL(`../${isClone ? 'src' : 'dist'}/${name}`, import.meta.url).href;
}

function refuse(wayOut) {
  console.error(`drover: Node ${neededMajor} or newer is needed, this is ${process.version}; ${wayOut}`);
  process.exitCode = 1;
}

function goOnWith(node) {
  const child = spawn(node, [here, ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal sends its signals to both of us; what somebody sends to this process alone is passed on.
  const isOnTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  process.on('SIGINT', () => isOnTerminal || child.kill('SIGINT'));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGHUP', () => isOnTerminal || child.kill('SIGHUP'));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
