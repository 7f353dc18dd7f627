import { PauseRun, Run } from '../../../contracts/resources.ts';
import type { RunVerb } from '../../../contracts/run-state.ts';
import type { Api, HttpDependencies } from '../api.ts';
import { refusals } from '../documentation.ts';
import { ownerOf } from '../door/authentication.ts';
import { expectNoBody } from '../validation.ts';
import { RunPath } from './parameters.ts';

/** The verbs whose whole request is their URL. */
const plainVerbs = {
  interrupt: 'Asks the agent to stop its turn; the session stays usable',
  stop: 'Stops a run with its whole tree of processes: TERM, then KILL',
  cancel: 'Takes back a run that has not started',
  resume: 'Lets a paused run go on where it stood',
} as const satisfies Partial<Record<RunVerb, string>>;

const answers = {
  202: Run.describe('The verb is accepted; events tell what comes of it'),
  ...refusals('not_found', 'newer_layout', 'wrong_state', 'payload_too_large', 'unsupported_media_type'),
};

export function runVerbRoutes(app: Api, { supervisor }: Pick<HttpDependencies, 'supervisor'>): void {
  for (const verb of Object.keys(plainVerbs) as (keyof typeof plainVerbs)[]) {
    app.post(
      `/v1/runs/:runId/${verb}`,
      {
        schema: {
          operationId: `${verb}Run`,
          summary: plainVerbs[verb],
          tags: ['runs'],
          params: RunPath,
          response: answers,
        },
        preValidation: async ({ body }) => expectNoBody(body),
      },
      async (request, reply) => {
        const run = await supervisor.command(ownerOf(request), request.params.runId, verb);
        return reply.code(202).send(run);
      },
    );
  }

  app.post(
    '/v1/runs/:runId/pause',
    {
      schema: {
        operationId: 'pauseRun',
        summary: 'Lets a run stand still, with its whole tree of processes; or its session, when the run has ended',
        tags: ['runs'],
        params: RunPath,
        body: PauseRun.nullish(),
        response: answers,
      },
    },
    async (request, reply) => {
      const { runId } = request.params;
      const owner = ownerOf(request);
      const isLater = request.body?.when === 'finished';
      const run = await (isLater
        ? supervisor.pauseWhenFinished(owner, runId)
        : supervisor.command(owner, runId, 'pause'));
      return reply.code(202).send(run);
    },
  );
}
