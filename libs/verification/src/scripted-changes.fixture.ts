import {
  ChangeIndex,
  type ChangeFollower,
  type ChangeScope,
  type ChangeSubject,
  type FollowingMemory,
  type ReadStamp,
} from '#libs/key-domain';

/** A log that is followed: whether under a lease, and what changes in it, is for the test to say. */
export class ScriptedChanges implements ChangeFollower {
  leased = true;
  /** Null: the log is not followed. */
  index: ChangeIndex | null = new ChangeIndex('e1', 0);
  now = Date.UTC(2040, 0, 1);
  readonly #memories: FollowingMemory[] = [];

  stamp(): ReadStamp | null {
    return this.index?.stamp ?? null;
  }

  mayAnswerFromMemory(): boolean {
    return this.leased && this.index !== null;
  }

  isUnchangedSince(stamp: ReadStamp, subject: ChangeSubject): boolean {
    return this.index?.isUnchangedSince(stamp, subject) ?? false;
  }

  storeTime(): number {
    return this.now;
  }

  follow(memory: FollowingMemory): void {
    this.#memories.push(memory);
  }

  /** The next change of the log comes in. */
  change(scope: ChangeScope, handles: readonly string[] = []): void {
    if (this.index === null) return;
    const change = { number: this.index.position + 1, scope, handles };
    for (const memory of this.#memories) memory.forget(change, 'log');
    this.index.note(change);
  }

  /** Its place in the log is lost, and another one found. */
  rejoin(epoch: string, position: number): void {
    for (const memory of this.#memories) memory.forgetEverything();
    this.index = new ChangeIndex(epoch, position);
  }
}
