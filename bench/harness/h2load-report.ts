import { percentile, range } from './statistics.js';

/** What a load found. */
export interface LoadResult {
  readonly calls: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** h2load is absent, or what it measured is no measurement. */
export class H2loadError extends Error {
  override readonly name = 'H2loadError';
}

/** A gRPC message on the wire stands behind one byte for compression and four for its length. */
export const FRAME_PREFIX_BYTES = 5;

/** What h2load counted; its own percentiles don't exist, so times come from its log. */
export interface H2loadReport {
  readonly done: number;
  readonly succeeded: number;
  readonly dataBytes: number;
}

const REQUESTS = /^requests: .* (\d+) done, (\d+) succeeded, /m;
const TRAFFIC = /^traffic: .* \((\d+)\) data$/m;

export function parseReport(text: string): H2loadReport {
  const [, done, succeeded] = REQUESTS.exec(text) ?? [];
  const [, dataBytes] = TRAFFIC.exec(text) ?? [];
  if (done === undefined || dataBytes === undefined) throw new H2loadError(`not a report of h2load:\n${text}`);
  return { done: Number(done), succeeded: Number(succeeded), dataBytes: Number(dataBytes) };
}

/**
 * h2load knows HTTP alone, where a gRPC error is a 200 too. But an error carries no message, so that the bytes
 * received tell how many calls were answered. Calls in flight at the end are received and not counted.
 */
export function checkAnswers(report: H2loadReport, answerBytes: number, streams: number): void {
  const answers = report.dataBytes / (answerBytes + FRAME_PREFIX_BYTES);
  const enough = report.done > 0 && report.succeeded === report.done && Number.isInteger(answers);
  if (!enough || answers < report.done || answers > report.done + streams) {
    throw new H2loadError(`${report.done} calls, ${report.succeeded} with HTTP 200, ${answers} answers of ${answerBytes} bytes`);
  }
}

/** One call: when it began, in microseconds since the Unix epoch, and how long it took, in microseconds. */
export interface LoggedCall {
  readonly startUs: number;
  readonly tookUs: number;
}

export function parseLog(text: string): readonly LoggedCall[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [start, , took] = line.split('\t');
      return { startUs: Number(start), tookUs: Number(took) };
    });
}

export function summarize(calls: readonly LoggedCall[]): LoadResult {
  const times = calls.map((call) => call.tookUs / 1000);
  const begin = range(calls.map((call) => call.startUs)).least;
  const end = range(calls.map((call) => call.startUs + call.tookUs)).greatest;
  return {
    calls: calls.length,
    requestsPerSecond: calls.length / ((end - begin) / 1e6),
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
  };
}
