import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  checkAnswers,
  FRAME_PREFIX_BYTES,
  H2loadError,
  type LoadResult,
  parseLog,
  parseReport,
  summarize,
} from './h2load-report.js';

/** One unary gRPC call, sent over and over on one plain-text connection. */
export interface GrpcLoad {
  readonly serverUrl: string;
  /** `package.Service/Method` */
  readonly method: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** The encoded request. */
  readonly request: Uint8Array;
  /** Bytes of the encoded answer that every call must get. */
  readonly answerBytes: number;
}

/** How hard to press. */
export interface Pressure {
  /** Calls in flight at once. */
  readonly streams: number;
  readonly seconds: number;
}

/** Beyond the load itself: connecting, and writing the figures. */
const GRACE_MS = 10_000;

/**
 * Presses a server with h2load and reads every call's time from its log.
 * @throws H2loadError when any call failed or was answered with another length
 */
export async function press(load: GrpcLoad, pressure: Pressure): Promise<LoadResult> {
  const directory = await mkdtemp(join(tmpdir(), 'mintmark-bench-'));
  try {
    const body = join(directory, 'request');
    const log = join(directory, 'log');
    await writeFile(body, framed(load.request));
    const report = await h2load(argumentsFor(load, pressure, body, log), pressure.seconds * 1000 + GRACE_MS);
    checkAnswers(parseReport(report), load.answerBytes, pressure.streams);
    return summarize(parseLog(await readFile(log, 'utf8')));
  } finally {
    await rm(directory, { recursive: true });
  }
}

/**
 * Presses an HTTP/1.1 route in the same manner, on as many connections as `streams` says, one request at a time on each.
 * @throws H2loadError when any request was not answered with 2xx
 */
export async function pressRoute(
  url: string,
  headers: Readonly<Record<string, string>>,
  pressure: Pressure,
): Promise<LoadResult> {
  const directory = await mkdtemp(join(tmpdir(), 'mintmark-bench-'));
  try {
    const log = join(directory, 'log');
    const args = ['--h1', `--clients=${pressure.streams}`, '--threads=1', `--duration=${pressure.seconds}`, `--log-file=${log}`];
    const text = await h2load([...args, ...headerArguments(headers), url], pressure.seconds * 1000 + GRACE_MS);
    const { done, succeeded } = parseReport(text);
    if (done === 0 || succeeded !== done) throw new H2loadError(`${succeeded} of ${done} requests were answered with 2xx`);
    return summarize(parseLog(await readFile(log, 'utf8')));
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** A message as it stands in the body of a call. */
export function framed(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(FRAME_PREFIX_BYTES);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

function argumentsFor(load: GrpcLoad, pressure: Pressure, body: string, log: string): string[] {
  const headers = { 'content-type': 'application/grpc', te: 'trailers', ...load.metadata };
  return [
    ...['--clients=1', '--threads=1', `--max-concurrent-streams=${pressure.streams}`, `--duration=${pressure.seconds}`],
    ...[`--data=${body}`, `--log-file=${log}`],
    ...headerArguments(headers),
    `${load.serverUrl}/${load.method}`,
  ];
}

function headerArguments(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]);
}

function h2load(args: readonly string[], limitMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('h2load', args, { stdio: ['ignore', 'pipe', 'inherit'], timeout: limitMs });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(output) : reject(new H2loadError(`h2load ended with ${code}\n${output}`))));
  });
}

/** @throws H2loadError when h2load is absent, saying how to install it */
export function h2loadVersion(): string {
  const { stdout, error } = spawnSync('h2load', ['--version'], { encoding: 'utf8' });
  if (error !== undefined) throw absent();
  return stdout.trim();
}

function absent(): H2loadError {
  return new H2loadError(
    'h2load is not installed: apt-get install nghttp2-client (Debian, Ubuntu), brew install nghttp2 (macOS)',
  );
}
