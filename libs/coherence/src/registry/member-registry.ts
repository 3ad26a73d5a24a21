/**
 * Every member that may hold a lease, kept where nothing is lost. Each call is committed by itself.
 * @throws UnavailableError when it can't be asked, or did not answer in time
 */
export interface MemberRegistry {
  /** Records a member for good before the call returns, in place of others. */
  record(id: string, former: readonly string[]): Promise<void>;
  remove(id: string): Promise<void>;
  ids(): Promise<readonly string[]>;
}
