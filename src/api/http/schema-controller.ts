import type { FastifyServerOptions } from 'fastify';
import { serializerCompiler } from 'fastify-type-provider-zod';
import { validatorCompiler } from './validation.ts';

/**
 * Zod checks what comes and writes what goes. Said to Fastify when it is made, and not by its setters, so that it never loads the
 * compilers of its own, ajv and fast-json-stringify: 100 files, 25 ms of a start. Its types foresee only those two.
 */
export const schemaController = {
  compilersFactory: { buildValidator: () => validatorCompiler, buildSerializer: () => serializerCompiler },
} as unknown as NonNullable<FastifyServerOptions['schemaController']>;
