/** The address of a call's peer, which grpc-js writes as `address:port`, IPv6 without brackets. */
export function callerAddress(peer: string): string {
  const colon = peer.lastIndexOf(':');
  return colon === -1 ? peer : peer.slice(0, colon);
}
