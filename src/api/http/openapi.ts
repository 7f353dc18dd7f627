import swagger, { type SwaggerTransformObject } from '@fastify/swagger';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Api } from './api.ts';

/** Describes the routes that are registered after it, from their schemas. */
export async function installOpenApi(app: Api): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Drover',
        description: 'A headless server that runs coding agents as supervised processes.',
        version: '1.0.0',
        license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
      },
      servers: [{ url: 'http://127.0.0.1:4870' }],
      security: [{ bearer: [] }],
      components: {
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            description: 'The token in the file `token` of the data directory',
          },
        },
      },
    },
    transform: createJsonSchemaTransform({ zodToJsonConfig }),
    transformObject: withOneSchemaPerName,
  });
}

type TransformOptions = Parameters<typeof createJsonSchemaTransform>[0];
type ZodToJsonConfig = NonNullable<TransformOptions['zodToJsonConfig']>;

/** What a program cannot use and a person cannot read is left out: the regular expression of a date, the bounds of any integer. */
const zodToJsonConfig: ZodToJsonConfig = {
  override({ jsonSchema }) {
    if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  },
};

const withComponents = createJsonSchemaTransformObject({ zodToJsonConfig });

/**
 * Each schema comes twice, as what is read ("RunInput") and as what is written ("Run"). They differ only in that the second forbids
 * further keys; but a later server may well answer with more, so the first is the one that is kept.
 */
const withOneSchemaPerName: SwaggerTransformObject = (document) => {
  const { components = {}, ...api } = withComponents(document) as {
    components?: { schemas?: Record<string, unknown> };
  };
  const names = Object.keys(components.schemas ?? {}).filter((name) => `${name}Input` in (components.schemas ?? {}));
  const schemas = Object.fromEntries(names.sort().map((name) => [name, components.schemas?.[`${name}Input`]]));
  const text = JSON.stringify({ ...api, components: { ...components, schemas } });
  const described = JSON.parse(
    text.replaceAll(/("#\/components\/schemas\/\w+)Input"/g, '$1"'),
    withOptionalBody,
  ) as unknown;
  return described as ReturnType<SwaggerTransformObject>;
};

/** Every body is described as required; one that may be nothing (null, to a schema) is not. */
function withOptionalBody(key: string, value: unknown): unknown {
  if (key !== 'requestBody') return value;
  const { data } = OptionalBody.safeParse(value);
  if (data === undefined) return value;
  const [schema] = data.content['application/json'].schema.anyOf;
  return { required: false, content: { 'application/json': { schema } } };
}

const OptionalBody = z.object({
  content: z.object({
    'application/json': z.object({
      schema: z.object({ anyOf: z.tuple([z.unknown(), z.object({ type: z.literal('null') })]) }),
    }),
  }),
});
