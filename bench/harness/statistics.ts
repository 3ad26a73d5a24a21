/** The middle value; the mean of the middle two where their number is even. */
export function median(values: readonly number[]): number {
  const sorted = ascending(values);
  const middle = sorted.length / 2;
  return (at(sorted, Math.ceil(middle) - 1) + at(sorted, Math.floor(middle))) / 2;
}

/** The smallest value that `share` (above 0, up to 1) of the values do not exceed: the nearest-rank method. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = ascending(values);
  return at(sorted, Math.ceil(share * sorted.length) - 1);
}

/** The least and the greatest value. */
export function range(values: readonly number[]): { readonly least: number; readonly greatest: number } {
  const sorted = ascending(values);
  return { least: at(sorted, 0), greatest: at(sorted, sorted.length - 1) };
}

/** `left` over `right`, position by position: each ratio is of two runs made one after the other. */
export function ratios(left: readonly number[], right: readonly number[]): readonly number[] {
  if (left.length !== right.length) throw new RangeError(`${left.length} values against ${right.length}`);
  return left.map((value, index) => value / at(right, index));
}

function ascending(values: readonly number[]): Float64Array {
  return Float64Array.from(values).sort();
}

function at(values: ArrayLike<number>, index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError('no values');
  return value;
}
