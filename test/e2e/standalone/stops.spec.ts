import { describe, expect, test } from '@jest/globals';
import { Agent, get } from 'node:http';
import { startStack } from '../../support/stack.js';
import { embeddedServer, isRunning } from './embedded.js';

const LIMIT_MS = 5_000;

describe('standalone', () => {
  test.each([
    ['SIGTERM', undefined],
    ['SIGINT', 'group'],
  ] as const)('stops cleanly within 5 s of %s, clients that keep their connections or not', async (signal, to) => {
    const stack = await startStack({ database: 'embedded' });
    const server = await embeddedServer(stack);
    const agent = new Agent({ keepAlive: true });
    for (const url of [stack.adminUrl, stack.verifierHttpUrl, stack.exampleUrl]) await visit(`${url}/health/live`, agent);

    const { code, ms } = await stack.kill(signal, to);
    agent.destroy();
    expect({ code, running: isRunning(server) }).toEqual({ code: 0, running: false });
    expect(ms).toBeLessThan(LIMIT_MS);
    expect(stack.logs().filter((line) => line.includes('"level":"error"'))).toEqual([]);
    await stack.stop();
  });
});

function visit(url: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (answer) => answer.resume().once('end', resolve)).once('error', reject);
  });
}
