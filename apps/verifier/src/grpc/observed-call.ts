import { type Metadata, ServerInterceptingCall, type ServerInterceptingCallInterface, status } from '@grpc/grpc-js';
import { hasPassed } from './deadline.js';
import type { MethodMeasures } from './call-measures.js';
import type { OpenStreams } from './open-streams.js';

type Listener = Parameters<ServerInterceptingCallInterface['start']>[0];
type Sent = Parameters<ServerInterceptingCallInterface['sendStatus']>[0];

/**
 * A call that is measured and, where it streams, can be ended from outside. It hands everything straight on: the chains
 * of functions that grpc-js makes of a responder cost a call more than its verdict does.
 */
export class ObservedCall extends ServerInterceptingCall {
  readonly #began = performance.now();
  #ended = false;

  constructor(
    private readonly call: ServerInterceptingCallInterface,
    private readonly measures: MethodMeasures,
    private readonly streams: OpenStreams | null,
  ) {
    super(call);
    streams?.add(this);
  }

  override start(listener: Listener): void {
    this.call.start(new ObservedListener(listener, this));
  }

  override sendMetadata(metadata: Metadata): void {
    this.call.sendMetadata(metadata);
  }

  override sendMessage(message: unknown, callback: () => void): void {
    this.call.sendMessage(message, callback);
  }

  override sendStatus(sent: Sent): void {
    this.#end(sent.code);
    this.call.sendStatus(sent);
  }

  /** The caller has gone, or has been answered. */
  cancelled(): void {
    this.#end(hasPassed(this.call.getDeadline()) ? status.DEADLINE_EXCEEDED : status.CANCELLED);
  }

  #end(code: status): void {
    if (this.#ended) return;
    this.#ended = true;
    this.streams?.delete(this);
    this.measures.ended(code, performance.now() - this.#began);
  }
}

class ObservedListener implements Listener {
  constructor(
    private readonly listener: Listener,
    private readonly observed: ObservedCall,
  ) {}

  onReceiveMetadata(metadata: Metadata): void {
    this.listener.onReceiveMetadata(metadata);
  }

  onReceiveMessage(message: unknown): void {
    this.listener.onReceiveMessage(message);
  }

  onReceiveHalfClose(): void {
    this.listener.onReceiveHalfClose();
  }

  onCancel(): void {
    this.observed.cancelled();
    this.listener.onCancel();
  }
}
