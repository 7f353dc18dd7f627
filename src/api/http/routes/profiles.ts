import { z } from 'zod';
import { Profile } from '../../../contracts/resources.ts';
import type { Api, HttpDependencies } from '../api.ts';
import { refusals } from '../documentation.ts';

const ProfileList = z.object({ profiles: z.array(Profile) });

export function profileRoutes(app: Api, { supervisor }: Pick<HttpDependencies, 'supervisor'>): void {
  app.get(
    '/v1/profiles',
    {
      schema: {
        operationId: 'listProfiles',
        summary: 'Lists what can be started, and what to do where it cannot',
        tags: ['profiles'],
        response: { 200: ProfileList.describe('All profiles'), ...refusals() },
      },
    },
    async () => ({ profiles: supervisor.profiles() }),
  );
}
