/** The code of a failed system call, such as ENOENT; null for any other error. */
export function systemErrorCode(error: unknown): string | null {
  const code = typeof error === 'object' && error !== null && 'syscall' in error && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : null;
}
