/**
 * The form of an e-mail address in which two spellings of it count as one. Everything that finds or counts by
 * address goes through here: two notions of sameness would let a guesser start the count anew by another spelling.
 */
export function foldEmail(email: string): string {
  return email.trim().normalize('NFKC').toLowerCase();
}

/**
 * False for an address with compatibility characters (`ﬁ`, `Ａ`), which folds to another one: good enough to be found by, as a
 * way of typing it, but whoever has proved that one is theirs has not proved the other.
 */
export function provesItsFold(email: string): boolean {
  return email.normalize('NFC') === email.normalize('NFKC');
}
