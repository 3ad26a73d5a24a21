/*
 * What the first verification of a key costs: VerifyToken of keys that the verifier has never heard of, against a
 * no-op on stock grpc-js plus one prepared SELECT through pg. The three are made in turn, one call at a time, by the
 * same client.
 */
import type pg from 'pg';
import { VerifyTokenRequest, VerifyTokenResponse } from '#libs/contract';
import { tokenSha256 } from '#libs/key-domain';
import { Sampler } from './harness/grpc-sample.js';
import { PlainCaller } from './harness/plain-caller.js';
import { questionAbout } from './harness/questions.js';
import { figureTable, machineFacts } from './harness/report.js';
import { effort, print, runBench } from './harness/run.js';
import { onStage, postgresVersion, type Stage, withDatabase } from './harness/stage.js';
import { percentile } from './harness/statistics.js';
import { noOp, verifier } from './servers/contestants.js';
import { type Installation, installation } from './servers/installation.js';
import { prepareProbe, probe } from './servers/select-probe.js';

const PATH = '/mintmark.v1.TokenVerifierService/VerifyToken';

/**
 * Keys of one repetition: most of them warm everything up that is not the key itself, since V8 goes on compiling what a
 * look-up runs for thousands of calls.
 */
const KEYS = 8000;
const MEASURED = 1500;

interface Times {
  readonly cold: number[];
  readonly noOp: number[];
  readonly select: number[];
}

const { repetitions } = effort({ repetitions: 5, seconds: 0, warmUpSeconds: 0 });

async function measureOn(stage: Stage): Promise<void> {
  const installed = await installation(stage.databaseUrl, stage.directory, { count: KEYS });
  const answer = await anyAnswer(installed);
  await withDatabase(stage.databaseUrl, async (client) => {
    await prepareProbe(client, installed.tokens.map(tokenSha256), VerifyTokenResponse.decode(answer));
    print(machineFacts({ postgres: await postgresVersion(client) }));
    print(`${repetitions} repetitions of ${MEASURED} keys, each asked for once, after ${KEYS - MEASURED} others.`);
    const rows: number[][] = [];
    for (let repetition = 0; repetition < repetitions; repetition += 1) {
      const { cold, noOp: idle, select } = await repeat(installed, answer, client);
      const [p50, floor, read] = [percentile(cold, 0.5), percentile(idle, 0.5), percentile(select, 0.5)];
      rows.push([p50, floor, read, p50 / (floor + read), percentile(cold, 0.99)]);
    }
    print(
      figureTable(
        ['p50 of a cold VerifyToken, ms', 'p50 of a no-op, ms', 'p50 of a SELECT, ms', 'ratio', 'p99 of a cold one, ms'],
        rows,
      ),
    );
  });
}

async function anyAnswer(installed: Installation): Promise<Buffer> {
  const server = await verifier(installed).start();
  try {
    return await new Sampler(server.url, installed.serviceKey).one(questionAbout(installed.tokens[0] ?? ''));
  } finally {
    await server.stop();
  }
}

async function repeat(installed: Installation, answer: Buffer, client: pg.Client): Promise<Times> {
  const [ours, floor] = [await verifier(installed).start(), await noOp(answer).start()];
  const callers = [ours, floor].map(({ url }) => new PlainCaller(url, PATH, installed.serviceKey));
  try {
    const [cold, idle] = callers;
    if (cold === undefined || idle === undefined) throw new Error('no caller');
    const times: Times = { cold: [], noOp: [], select: [] };
    for (const token of installed.tokens) {
      const request = VerifyTokenRequest.encode(questionAbout(token)).finish();
      times.noOp.push(await idle.call(request));
      times.select.push(await probe(client, tokenSha256(token)));
      times.cold.push(await cold.call(request));
    }
    const measured = (all: readonly number[]) => all.slice(-MEASURED);
    return { cold: measured(times.cold), noOp: measured(times.noOp), select: measured(times.select) };
  } finally {
    for (const caller of callers) caller.close();
    await Promise.all([ours.stop(), floor.stop()]);
  }
}

await runBench(() => onStage(measureOn));
