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
  const found: { left: Result[]; right: Result[] } = { left: [], right: [] };
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    if (repetition % 2 === 1) found.right.push(await right());
    found.left.push(await left());
    if (repetition % 2 === 0) found.right.push(await right());
  }
  return found;
}
