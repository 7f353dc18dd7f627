import { writeFileSync } from 'node:fs';
import { generateOpenApi } from '../src/api/http/generate-openapi.ts';

// Writes what is made from the code; `npm run generate` runs it, and a test fails while it is due.
writeFileSync(new URL('openapi.json', import.meta.url), await generateOpenApi());
