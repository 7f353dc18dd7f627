import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { eventData } from '../../contracts/events.ts';
import { startApi } from './api-under-test.ts';
import { generateOpenApi } from './generate-openapi.ts';

const Operation = z.looseObject({
  operationId: z.string(),
  summary: z.string(),
  security: z.array(z.unknown()).optional(),
  responses: z.record(z.string(), z.looseObject({ content: z.record(z.string(), z.unknown()) })),
});
const Description = z.looseObject({
  openapi: z.string(),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
  components: z.looseObject({
    schemas: z.record(z.string(), z.looseObject({ oneOf: z.array(z.unknown()).optional() })),
  }),
});

const describeApi = async () => Description.parse(JSON.parse(await generateOpenApi()));

describe('docs/openapi.json', () => {
  it('is what the code describes; "npm run generate" writes it anew', async () => {
    const file = await readFile(new URL('../../../docs/openapi.json', import.meta.url), 'utf8');
    expect(file === (await generateOpenApi()), 'docs/openapi.json is stale: run "npm run generate"').toBe(true);
  });

  it('is what a running server answers', async () => {
    await using api = await startApi();
    expect((await api.send('GET', '/v1/openapi.json')).json).toEqual(JSON.parse(await generateOpenApi()));
  });

  it('is OpenAPI 3.1 with a component for each resource', async () => {
    const { openapi, components } = await describeApi();
    expect(openapi).toMatch(/^3\.1\./);
    expect(Object.keys(components.schemas)).toEqual(
      expect.arrayContaining([
        'CreateRun',
        'CreateSession',
        'Event',
        'EventPage',
        'Problem',
        'Profile',
        'Run',
        'Session',
      ]),
    );
    expect(components.schemas['Event']?.oneOf).toHaveLength(Object.keys(eventData).length);
  });

  it('names every operation once, and documents its refusals as problems', async () => {
    const { paths } = await describeApi();
    const operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.values(methods).map((operation) => ({ path, ...operation })),
    );
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    for (const { path, responses } of operations) {
      const refused = Object.entries(responses).filter(([status]) => Number(status) >= 400);
      expect(refused.length, path).toBeGreaterThan(0);
      for (const [, { content }] of refused) expect(Object.keys(content)).toEqual(['application/problem+json']);
    }
  });

  it('says which bodies may be left out', async () => {
    const { paths } = await describeApi();
    const bodies = z.object({ requestBody: z.object({ required: z.boolean() }).optional() });
    const optional = Object.entries(paths).flatMap(([path, methods]) =>
      Object.values(methods).flatMap((one) => (bodies.parse(one).requestBody?.required === false ? [path] : [])),
    );
    expect(optional).toEqual(['/v1/runs/{runId}/pause']);
  });

  it('asks for the token everywhere but for the health check', async () => {
    const { paths } = await describeApi();
    const open = Object.entries(paths).filter(([, methods]) =>
      Object.values(methods).some(({ security }) => security?.length === 0),
    );
    expect(open.map(([path]) => path)).toEqual(['/v1/health']);
    // It has a door all the same.
    expect(Object.keys(paths['/v1/health']?.['get']?.responses ?? {})).toEqual(['200', '400', '403', '421']);
  });
});
