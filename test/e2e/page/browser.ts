import { describe } from '@jest/globals';
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';

const required = (process.env['MINTMARK_TEST_REQUIRE'] ?? '').split(/[\s,]+/).includes('chromium');
const absent = !existsSync(CHROMIUM);

/** Tests in a browser; where there is none they are skipped, unless they are required. */
export function inBrowser(title: string, tests: () => void): void {
  const suite = absent && !required ? describe.skip : describe;
  suite(absent ? `${title} (needs ${CHROMIUM}: apt-get install chromium)` : title, tests);
}

export function launch(): Promise<Browser> {
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  return chromium.launch({ executablePath: CHROMIUM, args });
}
