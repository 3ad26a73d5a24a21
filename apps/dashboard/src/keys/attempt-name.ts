/** A name that no other attempt has: 128 random bits, in hexadecimal. Works on plain http too, where `randomUUID` does not. */
export function attemptName(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
