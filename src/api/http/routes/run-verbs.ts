import { Run } from '../../../contracts/resources.ts';
import { RunVerb } from '../../../contracts/run-state.ts';
import type { Api, HttpDependencies } from '../api.ts';
import { refusals } from '../documentation.ts';
import { ownerOf } from '../door/authentication.ts';
import { expectNoBody } from '../validation.ts';
import { RunPath } from './parameters.ts';

const summaries: Readonly<Record<RunVerb, string>> = {
  interrupt: 'Asks the agent to stop its turn; the session stays usable',
  stop: 'Stops a run with its whole tree of processes: TERM, then KILL',
  cancel: 'Takes back a run that has not started',
};

export function runVerbRoutes(app: Api, { supervisor }: Pick<HttpDependencies, 'supervisor'>): void {
  for (const verb of RunVerb.options) {
    app.post(
      `/v1/runs/:runId/${verb}`,
      {
        schema: {
          operationId: `${verb}Run`,
          summary: summaries[verb],
          tags: ['runs'],
          params: RunPath,
          response: {
            202: Run.describe('The verb is accepted; events tell what comes of it'),
            ...refusals('not_found', 'newer_layout', 'wrong_state', 'payload_too_large', 'unsupported_media_type'),
          },
        },
        preValidation: async ({ body }) => expectNoBody(body),
      },
      async (request, reply) => {
        const run = await supervisor.command(ownerOf(request), request.params.runId, verb);
        return reply.code(202).send(run);
      },
    );
  }
}
