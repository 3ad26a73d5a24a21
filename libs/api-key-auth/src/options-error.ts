/** An option of the module that can't be used: the message names it and what it takes. */
export class ApiKeyOptionsError extends Error {
  override readonly name = 'ApiKeyOptionsError';
}
