/** What a crowd found. */
export interface CrowdResult {
  readonly perSecond: number;
  /** Of this process alone: not of a server that it asks. */
  readonly cpuUs: number;
}

/** Requests at once. */
const CROWD = 64;

/** How hard to press, in milliseconds. */
export interface CrowdTimes {
  readonly warmUpMs: number;
  readonly ms: number;
}

/**
 * Verifications by 64 requests at once in this process, each asking anew as soon as it is answered; the tokens in turn.
 * @param verify rejects unless the token is found to be good
 */
export async function pressInProcess(
  tokens: readonly string[],
  verify: (token: string) => unknown,
  { warmUpMs, ms }: CrowdTimes,
): Promise<CrowdResult> {
  await until(performance.now() + warmUpMs, tokens, verify);
  const [began, usedBefore] = [performance.now(), process.cpuUsage()];
  const done = await until(began + ms, tokens, verify);
  const { user, system } = process.cpuUsage(usedBefore);
  return { perSecond: done / ((performance.now() - began) / 1000), cpuUs: (user + system) / done };
}

async function until(end: number, tokens: readonly string[], verify: (token: string) => unknown): Promise<number> {
  let done = 0;
  const request = async (first: number) => {
    for (let turn = first; performance.now() < end; turn += CROWD) {
      await verify(tokens[turn % tokens.length] ?? '');
      done += 1;
      // What answers at once must not keep everything else from being read.
      if (turn % 1024 === first) await new Promise(setImmediate);
    }
  };
  await Promise.all(Array.from({ length: CROWD }, (_, first) => request(first)));
  return done;
}
