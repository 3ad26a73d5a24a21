import { availableParallelism, loadavg } from 'node:os';
import type { Pair } from './pairs.js';
import { median, range, ratios } from './statistics.js';

/** A figure that every repetition yields. */
export interface Measure<Result> {
  readonly title: string;
  readonly of: (result: Result) => number;
}

/** A Markdown table: the medians of both, and the median and range of the ratios of neighbouring repetitions. */
export function pairTable<Result>(
  names: readonly [string, string],
  pair: Pair<Result>,
  measures: readonly Measure<Result>[],
): string {
  const rows = measures.map(({ title, of }) => {
    const [left, right] = [pair.left.map(of), pair.right.map(of)];
    const each = ratios(left, right);
    const { least, greatest } = range(each);
    return [title, figure(median(left)), figure(median(right)), ratio(median(each)), `${ratio(least)} to ${ratio(greatest)}`];
  });
  return markdown([['median', ...names, 'ratio', 'ratios'], ['---', '--:', '--:', '--:', '--:'], ...rows]);
}

/** A Markdown table of figures that every repetition yields: their medians and ranges. */
export function figureTable(titles: readonly string[], repetitions: readonly (readonly number[])[]): string {
  const rows = titles.map((title, column) => {
    const values = repetitions.map((row) => row[column] ?? NaN);
    const { least, greatest } = range(values);
    return [title, figure(median(values)), `${figure(least)} to ${figure(greatest)}`];
  });
  return markdown([['', 'median', 'of the repetitions'], ['---', '--:', '--:'], ...rows]);
}

/** A Markdown table of several, in verifications a second; how many times as many the first one makes, by repetition. */
export function peerTable(peers: readonly { readonly name: string; readonly rates: readonly number[] }[]): string {
  const first = peers[0]?.rates ?? [];
  const rows = peers.map(({ name, rates }) => {
    const each = ratios(first, rates);
    const { least, greatest } = range(each);
    return [name, figure(median(rates)), figure(median(each)), `${figure(least)} to ${figure(greatest)}`];
  });
  return markdown([['verifications a second', 'median', 'the first ÷ this', 'ratios'], ['---', '--:', '--:', '--:'], ...rows]);
}

/** A Markdown table of times in milliseconds at two sizes, and how many times as long the second takes. */
export function sizeTable(
  sizes: readonly number[],
  rows: readonly { readonly title: string; readonly medians: readonly number[] }[],
): string {
  const cells = rows.map(({ title, medians: [few = NaN, many = NaN] }) => [title, figure(few), figure(many), ratio(many / few)]);
  const head = ['median, ms', ...sizes.map((size) => `${size.toLocaleString('en-US')} keys`), 'ratio'];
  return markdown([head, ['---', '--:', '--:', '--:'], ...cells]);
}

function markdown(rows: readonly (readonly string[])[]): string {
  return rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Three digits that count; whole numbers from 100 on. */
function figure(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3);
}

function ratio(value: number): string {
  return value.toFixed(2);
}

/** How many processes wanted to run in the minute before the bench began: above a few tenths, neighbours are measured too. */
const [LOAD_BEFORE = 0] = loadavg();

/** What the figures depend on; nothing that names the machine. */
export function machineFacts(versions: { readonly postgres?: string; readonly h2load?: string }): string {
  const cores = `${availableParallelism()} cores shared by all that takes part`;
  const postgres = versions.postgres === undefined ? [] : [`Postgres ${versions.postgres}`];
  const h2load = versions.h2load === undefined ? [] : [versions.h2load];
  const software = [`${process.platform} ${process.arch}`, `Node ${process.version.slice(1)}`, ...postgres, ...h2load].join(', ');
  return `${cores}; ${software}; load average before: ${LOAD_BEFORE.toFixed(1)}.`;
}
