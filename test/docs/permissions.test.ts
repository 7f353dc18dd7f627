import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { Config } from '../../src/config/config.ts';
import { PermissionAction, PermissionRule } from '../../src/contracts/policy.ts';
import { namesIn } from './markdown-table.ts';

describe('docs/permissions.md says what the code says', () => {
  test('it lists every action and every field of a rule', () => {
    const names = namesIn('docs/permissions.md');
    expect(names).toEqual(expect.arrayContaining([...PermissionAction.options, ...Object.keys(PermissionRule.shape)]));
  });

  test('its examples are valid', () => {
    const text = readFileSync(new URL('../../docs/permissions.md', import.meta.url), 'utf8');
    const examples = [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, example = '']) => example);
    expect(examples).toHaveLength(2);
    for (const example of examples) {
      expect(Config.partial().safeParse(parse(example)).error?.issues ?? []).toEqual([]);
    }
  });
});
