/*
 * What the guard costs a route: requests a second of a Nest route behind the guard, whose cache is warm, against the
 * same route without it, on Express and on Fastify; and what Nest itself takes for any guard, measured with one that only
 * says yes.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { h2loadVersion, pressRoute } from './harness/h2load.js';
import { allInTurn } from './harness/pairs.js';
import { machineFacts, type Measure, pairTable } from './harness/report.js';
import { effort, print, runBench } from './harness/run.js';
import { startServer } from './harness/server-process.js';
import { onStage, type Stage } from './harness/stage.js';
import { verifier } from './servers/contestants.js';
import { type Installation, installation } from './servers/installation.js';

const CONNECTIONS = 32;

interface Served {
  readonly perSecond: number;
  readonly cpuUs: number;
}

const MEASURES: readonly Measure<Served>[] = [
  { title: `requests a second on ${CONNECTIONS} connections`, of: ({ perSecond }) => perSecond },
  { title: 'processor time of the server a request, µs', of: ({ cpuUs }) => cpuUs },
];

const { repetitions, seconds, warmUpSeconds } = effort({ repetitions: 5, seconds: 5, warmUpSeconds: 4 });

async function compareOn(stage: Stage, h2load: string): Promise<void> {
  const installed = await installation(stage.databaseUrl, stage.directory, { count: 10 });
  const server = await verifier(installed).start();
  print(machineFacts({ h2load }));
  print(`${repetitions} repetitions of ${seconds} s.`);
  try {
    for (const adapter of ['express', 'fastify']) {
      const route = (guard: string) => () =>
        repeat({ BENCH_ADAPTER: adapter, BENCH_GUARD: guard, ...verifierOf(installed, server.url) }, installed);
      const { open, empty, guarded } = await allInTurn(
        { empty: route('empty'), open: route('none'), guarded: route('mintmark') },
        repetitions,
      );
      print(pairTable([`${adapter}, guarded`, `${adapter}, open`], { left: guarded, right: open }, MEASURES));
      print(pairTable([`${adapter}, an empty guard`, `${adapter}, open`], { left: empty, right: open }, MEASURES));
    }
  } finally {
    await server.stop();
  }
}

function verifierOf({ serviceKey }: Installation, url: string): Readonly<Record<string, string>> {
  return { BENCH_VERIFIER: url, BENCH_SERVICE_KEY: serviceKey };
}

/** All are sent the same request, the key included. */
async function repeat(environment: Readonly<Record<string, string>>, { tokens }: Installation): Promise<Served> {
  const server = await startServer('dist/bench/servers/route.js', 'route', environment);
  const route = `${server.url}/garments`;
  const headers = { authorization: `Bearer ${tokens[0] ?? ''}` };
  try {
    await untilWarm(route, headers);
    if (environment['BENCH_GUARD'] === 'mintmark') await expectStatus(route, {}, 401);
    await pressRoute(route, headers, { streams: CONNECTIONS, seconds: warmUpSeconds });
    const before = await server.cpuSeconds();
    const { calls, requestsPerSecond } = await pressRoute(route, headers, { streams: CONNECTIONS, seconds });
    return { perSecond: requestsPerSecond, cpuUs: (((await server.cpuSeconds()) - before) * 1e6) / calls };
  } finally {
    await server.stop();
  }
}

/** The guard's session is open within a second or so; what is asked under it is kept. */
async function untilWarm(route: string, headers: Readonly<Record<string, string>>): Promise<void> {
  for (let asked = 0; asked < 20; asked += 1) {
    await expectStatus(route, headers, 200);
    await pause(100);
  }
}

async function expectStatus(route: string, headers: Readonly<Record<string, string>>, expected: number): Promise<void> {
  const { status } = await fetch(route, { headers });
  if (status !== expected) throw new Error(`the route answered with ${status}, not ${expected}`);
}

await runBench(async () => {
  const h2load = h2loadVersion();
  await onStage((stage) => compareOn(stage, h2load));
});
