import type { HttpDependencies } from './api.ts';
import { createApp } from './app.ts';
import { installOpenApi } from './openapi.ts';

/** The text of docs/openapi.json, which a running server answers under /v1/openapi.json. */
export async function generateOpenApi(): Promise<string> {
  // Nothing is asked of the supervisor and the log as long as no request comes in.
  const app = await createApp({} as HttpDependencies, new AbortController().signal, installOpenApi);
  try {
    return `${JSON.stringify(app.swagger(), null, 2)}\n`;
  } finally {
    await app.close();
  }
}
