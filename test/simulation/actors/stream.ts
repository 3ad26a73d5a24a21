import { EventEmitter } from 'node:events';
import type { WatchKeysRequest, WatchKeysResponse } from '#libs/contract';
import { VerifierFailure, type WatchHandlers, type WatchStream } from '#libs/api-key-auth';
import type { GuardCall } from '../../../apps/verifier/src/sessions/guard-stream.js';
import { failureOfStatus } from '../../../libs/api-key-auth/src/grpc/failure-of-error.js';
import type { SimProcess } from '../engine/process.js';
import type { World } from '../world.js';

/** A lost connection is noticed by then at the latest, or not at all. */
const LONGEST_SILENCE_MS = 5_000;
const SHORT_SILENCE_MS = 50;

/** One way of a connection: what is sent arrives in order, or from some message on nothing does. */
class OneWay {
  #sent = 0;
  #delivered = 0;
  readonly #arrived = new Map<number, () => void>();
  isBroken = false;

  constructor(
    private readonly world: World,
    private readonly from: SimProcess,
    private readonly to: SimProcess,
    private readonly onBroken: () => void,
  ) {}

  send(deliver: () => void): void {
    if (this.isBroken) return;
    this.#sent += 1;
    const place = this.#sent;
    const isSent = this.world.network.send(this.from, this.to, () => {
      this.#arrived.set(place, deliver);
      this.#deliver();
    });
    if (isSent && this.to.isAlive) return;
    this.isBroken = true;
    this.onBroken();
  }

  #deliver(): void {
    for (let next = this.#arrived.get(this.#delivered + 1); next !== undefined; next = this.#arrived.get(this.#delivered + 1)) {
      this.#delivered += 1;
      this.#arrived.delete(this.#delivered);
      next();
    }
  }
}

/**
 * A stream of WatchKeys between a guard and one life of a verifier. When a message is lost, nothing after it arrives,
 * and each end learns of the break by itself, late or never.
 */
export class SimStream implements WatchStream {
  readonly call: SimCall;
  readonly #up: OneWay;
  readonly #down: OneWay;
  #isEnded = false;

  constructor(
    private readonly world: World,
    private readonly guard: SimProcess,
    private readonly verifier: SimProcess,
    private readonly handlers: WatchHandlers,
  ) {
    const broken = () => {
      this.#break();
    };
    this.#up = new OneWay(world, guard, verifier, broken);
    this.#down = new OneWay(world, verifier, guard, broken);
    this.call = new SimCall({
      write: (message) => {
        this.#down.send(() => {
          this.#take(message);
        });
      },
      over: (failure) => {
        this.#down.send(() => {
          this.#end(failure);
        });
      },
    });
  }

  /** Opens it: `serve` is what the verifier does with it. */
  open(serve: (call: SimCall) => void): void {
    this.#up.send(() => {
      serve(this.call);
    });
  }

  send(message: WatchKeysRequest): void {
    if (this.#isEnded) return;
    this.#up.send(() => {
      this.call.receive(message);
    });
  }

  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#up.send(() => {
      this.call.emit('end');
    });
  }

  #take(message: WatchKeysResponse): void {
    if (!this.#isEnded) this.handlers.message(message);
  }

  #end(failure: VerifierFailure | null): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.handlers.ended(failure);
  }

  #break(): void {
    this.#noticed(this.guard, () => {
      this.#end(new VerifierFailure('lost', 'the simulated connection broke'));
    });
    this.#noticed(this.verifier, () => {
      this.call.emit('cancelled');
    });
  }

  #noticed(process: SimProcess, notice: () => void): void {
    const { random, scheduler } = this.world;
    if (random.chance(0.3)) return;
    scheduler.after(random.between(0, random.chance(0.5) ? SHORT_SILENCE_MS : LONGEST_SILENCE_MS), () => {
      process.receive(notice);
    });
  }
}

interface CallEnds {
  write(message: WatchKeysResponse): void;
  /** Null: in good order. */
  over(failure: VerifierFailure | null): void;
}

/** The verifier's side of a stream. Requests wait until somebody listens to them. */
export class SimCall extends EventEmitter implements GuardCall {
  readonly writableLength = 0;
  readonly #waiting: WatchKeysRequest[] = [];

  constructor(private readonly ends: CallEnds) {
    super();
    this.on('newListener', (event: string) => {
      if (event !== 'data') return;
      queueMicrotask(() => {
        for (const request of this.#waiting.splice(0)) this.emit('data', request);
      });
    });
    this.on('error', (error: Parameters<typeof failureOfStatus>[0]) => {
      ends.over(failureOfStatus(error));
    });
  }

  receive(request: WatchKeysRequest): void {
    if (this.listenerCount('data') > 0 && this.#waiting.length === 0) this.emit('data', request);
    else this.#waiting.push(request);
  }

  write(message: WatchKeysResponse): void {
    this.ends.write(message);
  }

  end(): void {
    this.ends.over(null);
  }
}
