import {
  type Granularity,
  GRANULE_MS,
  type InputFault,
  InvalidRequestError,
  USAGE_KEPT_DAYS,
  type UsageSpan,
} from '#libs/key-domain';

/** Of when somebody wants to know; what is absent is chosen by {@link spanOf}. */
export interface UsageRange {
  readonly from?: Date | undefined;
  /** Before. */
  readonly to?: Date | undefined;
  readonly granularity?: Granularity | undefined;
}

const DAY_MS = 86_400_000;
/** How many days are told where nobody says from when. */
const DEFAULT_DAYS: Readonly<Record<Granularity, number>> = { hour: 1, day: 30 };

/**
 * The whole hours or days, in UTC, that a range touches.
 * @throws InvalidRequestError naming the end of it that is wrong
 */
export function spanOf({ from, to, granularity = 'hour' }: UsageRange, now: Date): UsageSpan {
  const end = (to ?? now).getTime();
  const start = from?.getTime() ?? end - DEFAULT_DAYS[granularity] * DAY_MS;
  const faults = faultsOf(start, end, granularity, now.getTime());
  if (faults.length > 0) throw new InvalidRequestError(faults);
  const granule = GRANULE_MS[granularity];
  return {
    granularity,
    from: new Date(Math.floor(start / granule) * granule),
    to: new Date(Math.ceil(end / granule) * granule),
  };
}

function faultsOf(start: number, end: number, granularity: Granularity, now: number): InputFault[] {
  const days = USAGE_KEPT_DAYS[granularity];
  if (start >= end) return [{ path: 'from', message: 'Must be before to, which is now if absent.' }];
  if (end - start > days * DAY_MS) return [{ path: 'from', message: `At most ${days} days before to, by the ${granularity}.` }];
  // Whoever reckons from when everything is kept does so by another clock, and a moment earlier.
  if (start < now - (days + 1) * DAY_MS) return [{ path: 'from', message: `Kept by the ${granularity} for ${days} days.` }];
  return [];
}
