/**
 * The form of an e-mail address in which two spellings of it count as one. Everything that finds or counts by
 * address goes through here: two notions of sameness would let a guesser start the count anew by another spelling.
 */
export function foldEmail(email: string): string {
  return email.trim().normalize('NFKC').toLowerCase();
}
