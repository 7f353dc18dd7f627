import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { ClaudeOptions } from '../../src/agents/claude/options.ts';
import { CommandOptions } from '../../src/agents/command/options.ts';
import { Config, LimitsConfig, ProfileConfig, RetentionConfig, WarmConfig } from '../../src/config/config.ts';
import { errorRegistry } from '../../src/contracts/errors.ts';
import { eventData } from '../../src/contracts/events.ts';
import { TerminalClientFrame, TerminalServerFrame } from '../../src/contracts/terminal-socket.ts';
import { failureReasons } from '../../src/domain/failure-reasons.ts';
import { namesIn, tableRows } from './markdown-table.ts';

/** Name and second cell of the rows of docs/errors.md whose second cell is of a form: its two tables share a name. */
function rowsWith(secondCell: RegExp): Record<string, string> {
  const rows = tableRows('docs/errors.md').map(
    ([name = '', second = '']) => [name.replaceAll('`', ''), second] as const,
  );
  return Object.fromEntries(rows.filter(([, second]) => secondCell.test(second)));
}

describe('the tables of the docs say what the code says', () => {
  test('docs/events.md lists every type of event, and no other', () => {
    expect(namesIn('docs/events.md').toSorted()).toEqual(Object.keys(eventData).toSorted());
  });

  test('docs/errors.md lists every refusal with its status', () => {
    const statuses = Object.entries(errorRegistry).map(([code, { status }]) => [code, String(status)]);
    expect(rowsWith(/^\d+$/)).toEqual(Object.fromEntries(statuses));
  });

  test('docs/errors.md lists every failure reason, and whether it is worth a retry', () => {
    const reasons = Object.entries(failureReasons).map(([name, { isRetryable }]) => [name, isRetryable ? 'yes' : 'no']);
    expect(rowsWith(/^(yes|no)$/)).toEqual(Object.fromEntries(reasons));
  });
});

describe('the tables about configuration and command line', () => {
  test('docs/configuration.md lists every key', () => {
    const keys = [
      Config,
      LimitsConfig,
      WarmConfig,
      RetentionConfig,
      ProfileConfig,
      ClaudeOptions,
      CommandOptions,
    ].flatMap((schema) => Object.keys(schema.shape));
    expect(namesIn('docs/configuration.md').toSorted()).toEqual(keys.toSorted());
  });

  test('docs/terminals.md lists every frame', () => {
    const frames = [...TerminalServerFrame.options, ...TerminalClientFrame.options];
    expect(namesIn('docs/terminals.md')).toEqual(frames.map(({ shape }) => shape.type.value));
  });

  test('docs/cli.md lists every command', () => {
    const { stdout } = spawnSync(process.execPath, ['bin/drover.js', '--help'], { encoding: 'utf8' });
    const listed = [...stdout.matchAll(/^ {2}([a-z]+) (?=[[<]| {2})/gm)].flatMap(([, name]) =>
      name === 'help' ? [] : name,
    );
    expect(listed.length).toBeGreaterThan(5);
    expect(namesIn('docs/cli.md').toSorted()).toEqual(listed.toSorted());
  });
});
