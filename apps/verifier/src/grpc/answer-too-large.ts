/** What was asked in one call takes an answer that clients of gRPC refuse: less is to be asked at once. */
export class AnswerTooLargeError extends Error {
  override readonly name = 'AnswerTooLargeError';

  /** @param bytes that a client takes */
  constructor(bytes: number) {
    super(`The answers would take more than ${bytes} bytes: ask about fewer tokens at once.`);
  }
}
