import { shownTime } from '../key-facts.js';

const DAY = (time: string) => `date_trunc('day', ${time} AT TIME ZONE 'UTC')`;

/** Something that an account is told of a key when its time has come. In all of these `round` is the round that looks for it. */
export interface NoticeKind {
  readonly event: 'key.expiring' | 'key.rotation_due';
  /** The lists by the day of a time in which keys stand: one index, in the order of days and of ids. */
  readonly lists: { readonly table: string; readonly within: string; readonly day: string; readonly keyId: string };
  /** With the list of which day a round of `r` begins, at `begun.now`; `a` is the account. */
  readonly from: string;
  /** Up to when a round goes that begins at this time. */
  readonly until: (begun: string) => string;
  /** What the round `r` has reached when it ends: the lists of earlier days are done with. */
  readonly reached: string;
  /** What is due of a key `k` at `round.now`: a row of `kind`, `moment` and `details`, or none. */
  readonly due: string;
}

/** Whether a round of `r` that begins at `begun.now` begins with the oldest of all. */
export const IS_WHOLE = `coalesce(r.whole_at <= begun.now - interval '24 hours', true)`;

/** Hours are the same everywhere; days are not, where clocks are changed in summer. */
const DAYS = (days: string) => `make_interval(hours => 24 * ${days})`;

/** A key that was made later than its notice would have been due is not told of: whoever made it knows. */
const EXPIRING: NoticeKind = {
  event: 'key.expiring',
  lists: {
    table: 'keys k',
    within:
      'k.account_id = round.account_id AND k.expires_at IS NOT NULL AND (CASE WHEN k.revoked_at IS NULL THEN 1 ELSE 0 END) = 1',
    day: DAY('k.expires_at'),
    keyId: 'k.id',
  },
  from: DAY('coalesce(r.reached, begun.now)'),
  until: (begun) => `${begun} + ${DAYS('7')}`,
  reached: 'r.begun_at',
  due: `
    SELECT CASE before.days WHEN 1 THEN 'expires_in_1_day' ELSE 'expires_in_7_days' END AS kind, k.expires_at AS moment,
      jsonb_build_object('daysBefore', before.days) AS details
    FROM (SELECT CASE WHEN k.expires_at <= round.now + ${DAYS('1')} THEN 1 ELSE 7 END AS days) before
    WHERE k.expires_at > round.reached AND k.expires_at <= round.until AND k.created_at < k.expires_at - ${DAYS('before.days')}`,
};

/** As the filter `rotationDue` of the list of keys has it. */
const OLDEST_NEWEST_SECRET = (now: string) => `${now} - make_interval(days => least(a.rotation_days, 100000))`;

/**
 * Once a day from the oldest secret on: a key may be imported with a secret that was made long ago, or be enabled when it has
 * long been due. The limit has the secrets looked up key by key: without it Postgres may rather read them all.
 */
const ROTATION_DUE: NoticeKind = {
  event: 'key.rotation_due',
  lists: {
    table: 'secrets s',
    within: 's.account_id = round.account_id AND s.newest',
    day: DAY('s.created_at'),
    keyId: 's.key_id',
  },
  from: `CASE WHEN ${IS_WHOLE} THEN '-infinity'
    ELSE ${DAY(`least(coalesce(r.reached, '-infinity'), ${OLDEST_NEWEST_SECRET('begun.now')})`)} END`,
  until: OLDEST_NEWEST_SECRET,
  reached: OLDEST_NEWEST_SECRET('r.begun_at'),
  due: `
    SELECT 'rotation_due' AS kind, newest.created_at AS moment,
      jsonb_build_object('secretCreatedAt', ${shownTime('newest.created_at')}) AS details
    FROM (SELECT n.created_at FROM secrets n WHERE n.key_id = k.id AND n.newest LIMIT 1) newest
    WHERE newest.created_at < round.until AND (k.expires_at IS NULL OR k.expires_at > round.now)`,
};

export const NOTICE_KINDS: Readonly<Record<NoticeKind['event'], NoticeKind>> = {
  'key.expiring': EXPIRING,
  'key.rotation_due': ROTATION_DUE,
};
