/** @throws Error for another word */
export function logOf(word: string): 'postgres' | 'redis' {
  if (word !== 'postgres' && word !== 'redis') throw new Error(`--log takes postgres or redis, not ${word}`);
  return word;
}
