/** What keys are called in an account, and where its people look for them. */
export interface Words {
  readonly path: string;
  /** The steps that lead to the page. */
  readonly trail: readonly string[];
  readonly title: string;
  readonly one: string;
  readonly create: string;
}

const OF_KEYS: Words = {
  path: '/settings/api-keys',
  trail: ['Settings'],
  title: 'API Keys',
  one: 'key',
  create: 'Create New Key',
};

const OF_TOKENS: Words = {
  path: '/settings/developer/api-tokens',
  trail: ['Settings', 'Developer'],
  title: 'API Tokens',
  one: 'token',
  create: 'Generate Token',
};

/** People who come from Keymint know tokens, and find them where they were; all others keys. */
export function wordsFor(defaultFormat: string): Words {
  return defaultFormat === 'keymint' ? OF_TOKENS : OF_KEYS;
}
