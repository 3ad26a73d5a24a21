/**
 * Work of which one run at a time is enough: whoever asks while one is under way gets the result of the next one,
 * which begins after they asked and serves everybody who asked by then.
 */
export class Coalesced<T> {
  #running: Promise<T> | null = null;
  #queued: Promise<T> | null = null;

  constructor(private readonly work: () => Promise<T>) {}

  run(): Promise<T> {
    if (this.#running === null) return this.#start();
    this.#queued ??= this.#running.then(
      () => this.#startQueued(),
      () => this.#startQueued(),
    );
    return this.#queued;
  }

  #startQueued(): Promise<T> {
    this.#queued = null;
    return this.#start();
  }

  #start(): Promise<T> {
    const running = this.work().finally(() => {
      if (this.#running === running) this.#running = null;
    });
    this.#running = running;
    return running;
  }
}
