import type { FastifySchemaCompiler } from 'fastify';
import { z } from 'zod';
import { findInvalidValues } from '../../kernel/invalid-value.ts';
import { AppError } from '../../kernel/app-error.ts';
import type { Api } from './api.ts';

/** Parses bodies, queries, paths and headers with their zod schemas. */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart = 'request' }) => {
  const part = partNames[httpPart] ?? httpPart;
  return (input: unknown) => {
    const result = schema.safeParse(input);
    return result.success ? { value: result.data } : { error: refusalOf(schema, input, part) };
  };
};

/** A route that says nothing of its query has none. */
export function refuseUnknownQueries(app: Api): void {
  app.addHook('onRoute', (route) => {
    route.schema = { querystring: z.strictObject({}), ...route.schema };
  });
}

/** For the verbs, whose whole request is their URL. Throws AppError `invalid_request`. */
export function expectNoBody(body: unknown): void {
  if (!Nothing.safeParse(body).success) throw refusalOf(Nothing, body, 'body');
}

const Nothing = z.strictObject({}).nullish();

/** As a user knows them. */
const partNames: Readonly<Record<string, string>> = { querystring: 'query', params: 'path', headers: 'header' };

/** Says of each value that does not fit where it is, what it is and what is expected. */
function refusalOf(schema: z.ZodType, input: unknown, part: string): AppError {
  const errors = findInvalidValues(schema, input).map(({ path, found, expected }) => ({
    path: [part, ...path].join('.'),
    found,
    expected,
  }));
  const sentences = errors.slice(0, 5).map(({ path, found, expected }) => `${path} is ${found}: ${expected}`);
  return new AppError('invalid_request', sentences.join('; '), { errors: errors.slice(0, 20) });
}
