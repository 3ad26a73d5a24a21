import { expect, test } from '@jest/globals';
import { StartError } from '#libs/observability';
import { startVerifierFixture } from './verifier-app.fixture.js';

test.each([
  ['MINTMARK_VERIFIER_GRPC_PORT', 'verifier-grpc'],
  ['MINTMARK_VERIFIER_HTTP_PORT', 'verifier-http'],
] as const)('a start on a taken port stops and says so, naming %s', async (variable, surface) => {
  const running = await startVerifierFixture();
  const port = Number(new URL(running.surfaces.find(({ name }) => name === surface)?.url ?? '').port);
  const refused: unknown = await startVerifierFixture(undefined, { [variable]: port }).catch((error: unknown) => error);
  await running.close();
  expect(refused).toBeInstanceOf(StartError);
  expect(String(refused)).toMatch(new RegExp(`${port}.*${variable}`));
});
