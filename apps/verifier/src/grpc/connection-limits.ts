export interface ConnectionLimits {
  readonly ping: number;
  readonly pingAnswer: number;
  readonly idle: number;
}

/** For how long connections are kept, in milliseconds. Clients may send pings of their own as often as they like. */
export const CONNECTION_LIMITS: ConnectionLimits = {
  /** Between two questions whether the client is still there: of one that vanished nothing else tells, for hours. */
  ping: 10_000,
  /** One that has not answered by then is gone, and its calls end. */
  pingAnswer: 10_000,
  /**
   * Without any call. Longer than gRPC clients keep such a connection themselves, half an hour: a call that is on its way
   * while its connection is closed fails.
   */
  idle: 40 * 60_000,
};
