import { describe, expect, test } from '@jest/globals';
import { checkAnswers, H2loadError, parseLog, parseReport, summarize } from './h2load-report.js';

const REPORT = `
finished in 3.00s, 6131.67 req/s, 293.53KB/s
requests: 200 total, 200 started, 200 done, 199 succeeded, 1 failed, 0 errored, 0 timeout
status codes: 200 2xx, 0 3xx, 0 4xx, 0 5xx
traffic: 880.58KB (901710) total, 103.68KB (106167) headers (space savings 96.40%), 310.50KB (317955) data
                     min         max         mean         sd        +/- sd
`;

describe('the report of h2load', () => {
  test('calls and bytes are read from it', () => {
    expect(parseReport(REPORT)).toEqual({ done: 200, succeeded: 199, dataBytes: 317955 });
  });

  test('anything else is refused', () => {
    expect(() => parseReport('finished in 3.00s')).toThrow(H2loadError);
  });

  test.each([
    ['every call answered', { done: 10, succeeded: 10, dataBytes: 150 }, true],
    ['calls in flight at the end are received too', { done: 10, succeeded: 10, dataBytes: 180 }, true],
    ['more answers than calls', { done: 10, succeeded: 10, dataBytes: 195 }, false],
    ['one gRPC error, which has no message', { done: 10, succeeded: 10, dataBytes: 135 }, false],
    ['an answer of another length', { done: 10, succeeded: 10, dataBytes: 151 }, false],
    ['an HTTP error', { done: 10, succeeded: 9, dataBytes: 150 }, false],
    ['no call at all', { done: 0, succeeded: 0, dataBytes: 0 }, false],
  ])('%s', (_title, report, counts) => {
    const check = () => checkAnswers(report, 10, 2);
    if (counts) expect(check).not.toThrow();
    else expect(check).toThrow(H2loadError);
  });
});

describe('the log of h2load', () => {
  test('times and rate are those of the calls themselves', () => {
    const calls = parseLog('1000000\t200\t500000\n1500000\t200\t250000\n2000000\t200\t1000000\n');
    expect(calls[1]).toEqual({ startUs: 1_500_000, tookUs: 250_000 });
    expect(summarize(calls)).toEqual({ calls: 3, requestsPerSecond: 1.5, p50Ms: 500, p99Ms: 1000 });
  });
});
