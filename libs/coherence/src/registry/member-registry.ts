/**
 * Every member that may hold a lease, kept where nothing is lost. Each call is committed by itself.
 * @throws UnavailableError when it can't be asked, or did not answer in time
 */
export interface MemberRegistry {
  /**
   * Records a member for good before the call returns, in place of others.
   * @returns the last inquiry before: it answers those after it
   */
  record(id: string, former: readonly string[]): Promise<number>;
  remove(id: string): Promise<void>;
  ids(): Promise<readonly string[]>;
}
