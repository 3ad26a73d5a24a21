/**
 * What a store needs done from time to time to stay quick.
 * @throws UnavailableError when the store can't be asked
 */
export interface StorageUpkeep {
  /** Has the store look at how much it holds, where that has grown to more than twice what it held when it last looked. Changes no data. */
  takeStock(): Promise<void>;
}

export const StorageUpkeep = Symbol('StorageUpkeep');
