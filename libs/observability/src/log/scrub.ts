/** What stands in a log where a secret stood. */
export const REDACTED = '[redacted]';

/** Longest text that is logged, in characters: nobody fills a disk with an answer to one request. */
const MAX_TEXT = 8_192;

/** An authorization header's credentials, wherever they are quoted. */
const CREDENTIALS = /\b(Bearer|Basic)\s+[^\s"',;]+/gi;
/** The password of a URL such as a database's. */
const URL_PASSWORD = /(:\/\/[^\s/:@]*):[^\s/@]*@/g;
/** A minted token or its body, and any digest in hexadecimal. */
const MINTED = /(?:[a-z][a-z0-9]{0,15}_){0,2}[0-9A-Za-z]{44,}/g;
/** 32 or more bytes in base64: a pepper, a digest. */
const BASE64 = /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{40,}={1,2}/g;
/** The same in base64url, which names in lower case are not mistaken for: a session's token. */
const BASE64URL = /(?<![\w-])(?=[\w-]*[A-Z])(?=[\w-]*[a-z])[\w-]{43,}/g;

/** Blanks whatever looks like a secret in a text. It is the last line of defence: nothing should hand a secret to the log. */
export function scrub(text: string): string {
  const scrubbed = text
    .replace(CREDENTIALS, `$1 ${REDACTED}`)
    .replace(URL_PASSWORD, `$1:${REDACTED}@`)
    .replace(BASE64, REDACTED)
    .replace(MINTED, REDACTED)
    .replace(BASE64URL, REDACTED);
  return scrubbed.length > MAX_TEXT ? `${scrubbed.slice(0, MAX_TEXT)}…` : scrubbed;
}
