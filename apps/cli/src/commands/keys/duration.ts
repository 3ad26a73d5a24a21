import { InvalidArgumentError } from 'commander';

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/**
 * @param text a whole number with its unit: `0s`, `90m`, `12h`, `7d`
 * @returns seconds
 * @throws InvalidArgumentError
 */
export function duration(text: string): number {
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const seconds = unit === undefined ? undefined : SECONDS[unit];
  if (count === undefined || seconds === undefined)
    throw new InvalidArgumentError('A whole number with its unit: s, m, h or d, e.g. 12h.');
  return Number(count) * seconds;
}
