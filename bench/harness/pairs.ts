export interface Pair<Result> {
  readonly left: readonly Result[];
  readonly right: readonly Result[];
}

/**
 * Runs two in turn, A B B A A B …, so that whatever drifts with time (heat, a neighbour's work) falls on both
 * alike. Results of the same index were made one right after the other.
 */
export async function inTurn<Result>(
  left: () => Promise<Result>,
  right: () => Promise<Result>,
  repetitions: number,
): Promise<Pair<Result>> {
  return allInTurn({ left, right }, repetitions);
}

/** Runs several in the same manner, A B C C B A A B C …; the results by the names of what was run. */
export async function allInTurn<Name extends string, Result>(
  runs: Readonly<Record<Name, () => Promise<Result>>>,
  repetitions: number,
): Promise<Readonly<Record<Name, readonly Result[]>>> {
  const names = Object.keys(runs) as Name[];
  const found = Object.fromEntries(names.map((name) => [name, [] as Result[]])) as Record<Name, Result[]>;
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    for (const name of repetition % 2 === 0 ? names : names.toReversed()) found[name].push(await runs[name]());
  }
  return found;
}
