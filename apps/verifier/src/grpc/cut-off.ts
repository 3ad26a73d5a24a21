import { constants } from 'node:http2';

/** All of an HTTP/2 stream that is needed here. */
interface Stream {
  close(code: number): void;
}

/**
 * Lets go of a call's stream with all that waits in it (RFC 9113, section 8.1). grpc-js ends a stream only after what was
 * written, so that a client that does not read would keep that in memory for as long as it pleases.
 * @param call what a handler was given
 */
export function cutOff(call: object): void {
  streamOf(call)?.close(constants.NGHTTP2_CANCEL);
}

/** grpc-js keeps it for itself, behind the call and its interceptors; where it can't be seen, it is left alone. */
function streamOf(call: object): Stream | null {
  const stream: unknown = Reflect.get(call, 'stream');
  if (isStream(stream)) return stream;
  const inner: unknown = Reflect.get(call, 'call');
  return typeof inner === 'object' && inner !== null ? streamOf(inner) : null;
}

function isStream(value: unknown): value is Stream {
  return typeof value === 'object' && value !== null && 'close' in value && typeof value.close === 'function';
}
