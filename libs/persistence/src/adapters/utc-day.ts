/** The day of a time in UTC, as Postgres reads a date. */
export function utcDay(time: Date): string {
  return time.toISOString().slice(0, 'yyyy-mm-dd'.length);
}
