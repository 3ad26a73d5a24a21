/**
 * The form of an e-mail address in which two spellings of it count as one. Everything that finds or counts by
 * address goes through here: two notions of sameness would let a guesser start the count anew by another spelling.
 */
export function foldEmail(email: string): string {
  return email.trim().normalize('NFKC').toLowerCase();
}

/**
 * False for an address with characters that fold to others, in compatibility (`ﬁ`, `Ａ`) or as another code point of the same one
 * (U+212A, the Kelvin sign): good enough to be found by, as a way of typing it, but whoever has proved that one is theirs has not
 * proved the other. Marks that are written apart from their letter count as the letter with its mark.
 */
export function provesItsFold(email: string): boolean {
  return Array.from(email).every((character) => character === character.normalize('NFKC'));
}
