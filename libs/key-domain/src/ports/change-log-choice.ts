/**
 * Which log of changes an installation's processes follow. Two of them on different logs would not hear of each
 * other's changes.
 * @throws UnavailableError when the store can't be asked
 */
export interface ChangeLogChoice {
  /** Null: no process has begun yet. */
  chosen(): Promise<string | null>;
  /**
   * Chooses, unless another process has: of any number at once one chooses for all.
   * @returns what is chosen
   */
  choose(log: string): Promise<string>;
}

export const ChangeLogChoice = Symbol('ChangeLogChoice');
