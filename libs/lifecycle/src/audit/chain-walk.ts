import { type AuditEntry, CHAIN_START, type ChainHead } from '#libs/key-domain';
import { type BrokenLink, type ChainFault, faultOfLink, same } from './chain-check.js';

/** Follows a chain entry by entry, and notes the first link that is wrong. */
export class ChainWalk {
  #previous: ChainHead = { number: 0, hash: CHAIN_START };
  #broken: BrokenLink | null = null;
  /** The first entry of each key whose state was erased and of which no deletion was met yet, in the order of the chain. */
  readonly #erased = new Map<string, number>();

  /** @param noted where the chain ended at an earlier check */
  constructor(private readonly noted: ChainHead | null) {
    if (noted?.number === 0 && !same(noted.hash, CHAIN_START)) this.#broken = { number: 1, fault: 'not_as_noted' };
  }

  /** @returns whether to go on: false where a link is wrong */
  take(entry: AuditEntry): boolean {
    if (this.#broken !== null) return false;
    const fault = faultOfLink(this.#previous, entry) ?? this.#faultOfNoted(entry) ?? this.#faultOfErasing(entry);
    if (fault !== null) this.#broken = { number: this.#previous.number + 1, fault };
    this.#previous = entry;
    return fault === null;
  }

  /** Whether the state of a key was erased whose deletion was not met yet. */
  get awaitsDeletion(): boolean {
    return this.#broken === null && this.#erased.size > 0;
  }

  /**
   * @param head where the chain is said to end
   * @param last the last entry that there is
   * @returns the first link that is wrong; null: none is
   */
  endAt(head: ChainHead, last: number): BrokenLink | null {
    if (this.#broken !== null) return this.#broken;
    const { number, hash } = this.#previous;
    if (number < head.number) return { number: number + 1, fault: 'cut_off' };
    if (last > head.number) return { number: head.number + 1, fault: 'beyond_end' };
    if (!same(hash, head.hash)) return { number: head.number, fault: 'altered' };
    if (this.noted !== null && this.noted.number > head.number) return { number: head.number + 1, fault: 'cut_off' };
    const [erased] = this.#erased.values();
    return erased === undefined ? null : { number: erased, fault: 'erased' };
  }

  #faultOfNoted({ number, hash }: AuditEntry): ChainFault | null {
    return this.noted?.number !== number || same(this.noted.hash, hash) ? null : 'not_as_noted';
  }

  #faultOfErasing({ number, action, target, change, origin }: AuditEntry): ChainFault | null {
    if (origin.text === null || (change.text === null && target.type !== 'key')) return 'erased';
    if (change.text === null && !this.#erased.has(target.id)) this.#erased.set(target.id, number);
    if (action === 'key.deleted') this.#erased.delete(target.id);
    return null;
  }
}
