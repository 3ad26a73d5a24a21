import { type GrpcLoad, press } from './h2load.js';
import type { LoadResult } from './h2load-report.js';
import type { Measure } from './report.js';
import type { ServerProcess } from './server-process.js';

/** One of a pair. */
export interface Contestant {
  readonly name: string;
  /** A process that nothing has called yet. */
  start(): Promise<ServerProcess>;
}

/** What is asked of both of a pair, and for how long. */
export interface Workload {
  loadFor(serverUrl: string): GrpcLoad;
  /** Calls with a client that sees gRPC statuses; throws unless all are answered right. */
  check(serverUrl: string): Promise<unknown>;
  /** Calls in flight at once when throughput is measured. */
  readonly crowd: number;
  readonly warmUpSeconds: number;
  /** Of each of the two loads. */
  readonly seconds: number;
}

export interface Measured {
  /** One call at a time. */
  readonly alone: LoadResult;
  /** As many calls at a time as the workload says. */
  readonly crowd: LoadResult;
  /** Processor time of the server for each call of the crowd, in microseconds: neighbours of the machine hardly touch it. */
  readonly cpuUsOfCall: number;
  /** Resident memory of the server after the loads. */
  readonly residentMiB: number;
}

/** Calls in flight at once, on one connection, as throughput is usually stated. */
export const CROWD = 64;

/** What a load on a server tells of it. */
export const LOAD_MEASURES: readonly Measure<Measured>[] = [
  { title: `calls a second, ${CROWD} at a time`, of: ({ crowd }) => crowd.requestsPerSecond },
  { title: 'processor time of the server a call, µs', of: ({ cpuUsOfCall }) => cpuUsOfCall },
  { title: `p50 of ${CROWD} at a time, ms`, of: ({ crowd }) => crowd.p50Ms },
  { title: `p99 of ${CROWD} at a time, ms`, of: ({ crowd }) => crowd.p99Ms },
  { title: 'p50 of one call at a time, ms', of: ({ alone }) => alone.p50Ms },
  { title: 'p99 of one call at a time, ms', of: ({ alone }) => alone.p99Ms },
];

/** A fresh process, warmed up, pressed gently and then hard, and stopped. */
export async function repeat(contestant: Contestant, workload: Workload): Promise<Measured> {
  const server = await contestant.start();
  const load = workload.loadFor(server.url);
  const checked = async (streams: number, seconds: number) => {
    const result = await press(load, { streams, seconds });
    await workload.check(server.url);
    return result;
  };
  try {
    await workload.check(server.url);
    await checked(workload.crowd, workload.warmUpSeconds);
    const alone = await checked(1, workload.seconds);
    const before = await server.cpuSeconds();
    const crowd = await press(load, { streams: workload.crowd, seconds: workload.seconds });
    const cpuUsOfCall = (((await server.cpuSeconds()) - before) * 1e6) / crowd.calls;
    await workload.check(server.url);
    return { alone, crowd, cpuUsOfCall, residentMiB: await server.residentMiB() };
  } finally {
    await server.stop();
  }
}
