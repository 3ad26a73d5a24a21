// Control characters of Unicode (C0, C1, and those that turn the direction of writing).
const UNSEEN = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A text from elsewhere as one line for a terminal: what could move its cursor or hide other text becomes `�`. */
export function visible(text: string): string {
  return text.replace(UNSEEN, '\ufffd');
}
