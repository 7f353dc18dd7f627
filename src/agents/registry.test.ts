import { describe, expect, it } from 'vitest';
import { claudeDriver } from './claude/driver.ts';
import { createRegistry, findDriver } from './registry.ts';

describe('the registry of drivers', () => {
  const registry = createRegistry([claudeDriver]);

  it('finds a driver by its name', () => {
    expect(findDriver(registry, 'claude')).toBe(claudeDriver);
  });

  it('refuses an unknown name and says which there are', () => {
    expect(() => findDriver(registry, 'clod')).toThrow('There is no driver "clod"; choose one of: claude');
  });

  it('does not take two drivers of one name', () => {
    expect(() => createRegistry([claudeDriver, claudeDriver])).toThrow('Two drivers are named "claude"');
  });
});
