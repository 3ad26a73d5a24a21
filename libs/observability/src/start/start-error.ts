/** A reason not to start, told in full to whoever started the process: what is wrong and what to do about it. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
