import { z } from 'zod';
import { SessionId } from '../../../contracts/ids.ts';
import { ChangeRun, CreateRun, Run, RunSummary } from '../../../contracts/resources.ts';
import type { Api, HttpDependencies } from '../api.ts';
import { refusals } from '../documentation.ts';
import { ownerOf } from '../door/authentication.ts';
import { limitOf, RunPath, SessionPath } from './parameters.ts';

const RunList = z.object({ runs: z.array(RunSummary) });

const RunQuery = z.strictObject({
  open: z.enum(['true', 'false']).optional().describe('`true`: only runs that have not ended'),
  sessionId: SessionId.optional(),
  limit: limitOf(1_000, 100),
});

const IdempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,255}$/, { error: 'Expected 1 to 255 visible ASCII characters' })
  .describe('The same key and request give the same run again, however often they are sent');

export function runRoutes(app: Api, { supervisor }: Pick<HttpDependencies, 'supervisor'>): void {
  app.post(
    '/v1/sessions/:sessionId/runs',
    {
      schema: {
        operationId: 'createRun',
        summary: 'Takes a prompt: as a run of its own, or into the one that is going',
        description: createRunDescription,
        tags: ['runs'],
        params: SessionPath,
        headers: z.looseObject({ 'idempotency-key': IdempotencyKey.optional() }),
        body: CreateRun,
        response: {
          200: Run.describe('The run that the same key and request made before, or that the prompt was said into'),
          202: Run.describe('The queued run, on disk; Location names it'),
          ...refusals(
            'not_found',
            'newer_layout',
            'wrong_state',
            'unsupported',
            'workspace_busy',
            'payload_too_large',
            'unsupported_media_type',
            'idempotency_key_reused',
          ),
        },
      },
    },
    async (request, reply) => {
      const { sessionId } = request.params;
      const key = request.headers['idempotency-key'];
      const { run, isRepeated, isSteered } = await supervisor.createRun(ownerOf(request), sessionId, request.body, key);
      if (isRepeated) reply.header('idempotent-replayed', 'true');
      return reply
        .code(isRepeated || isSteered ? 200 : 202)
        .header('location', `/v1/runs/${run.id}`)
        .send(run);
    },
  );

  app.get(
    '/v1/sessions/:sessionId/runs',
    {
      schema: {
        operationId: 'listSessionRuns',
        summary: 'Lists the runs of a session, newest first',
        tags: ['runs'],
        params: SessionPath,
        querystring: RunQuery.omit({ sessionId: true }),
        response: { 200: RunList.describe('Its runs'), ...refusals('not_found') },
      },
    },
    async (request) => {
      const owner = ownerOf(request);
      const { id: sessionId } = await supervisor.session(owner, request.params.sessionId);
      const { open, limit } = request.query;
      return { runs: await supervisor.runs(owner, { sessionId, isOpen: open === 'true', limit }) };
    },
  );

  app.get(
    '/v1/runs',
    {
      schema: {
        operationId: 'listRuns',
        summary: 'Lists runs of all sessions, newest first',
        tags: ['runs'],
        querystring: RunQuery,
        response: { 200: RunList.describe('The runs'), ...refusals('not_found') },
      },
    },
    async (request) => {
      const { open, sessionId, limit } = request.query;
      const filter = { isOpen: open === 'true', limit, ...(sessionId === undefined ? {} : { sessionId }) };
      return { runs: await supervisor.runs(ownerOf(request), filter) };
    },
  );

  app.get(
    '/v1/runs/:runId',
    {
      schema: {
        operationId: 'getRun',
        summary: 'Gets a run',
        tags: ['runs'],
        params: RunPath,
        response: { 200: Run.describe('The run'), ...refusals('not_found') },
      },
    },
    async (request) => supervisor.run(ownerOf(request), request.params.runId),
  );

  app.patch(
    '/v1/runs/:runId',
    {
      schema: {
        operationId: 'changeRun',
        summary: 'Changes a run that still waits: its prompt, or its place in the queue of its session',
        tags: ['runs'],
        params: RunPath,
        body: ChangeRun,
        response: {
          200: Run.describe('The run as it waits now'),
          ...refusals('not_found', 'wrong_state', 'payload_too_large', 'unsupported_media_type'),
        },
      },
    },
    async (request) => supervisor.changeRun(ownerOf(request), request.params.runId, request.body),
  );
}

const createRunDescription = [
  'A prompt that becomes a run of its own is answered with 202. One that is said into the running turn (`mode: "steer"`) is answered',
  'with 200 and the run of that turn. With an Idempotency-Key that was used before, nothing is done: 200, and the header',
  '`Idempotent-Replayed: true`.',
].join('\n');
