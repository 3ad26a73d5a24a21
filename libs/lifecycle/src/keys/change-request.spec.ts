import { describe, expect, test } from '@jest/globals';
import { InvalidRequestError } from '#libs/key-domain';
import { type ChangeRequest, planChanges } from './change-request.js';

const NOW = new Date('2026-01-01T00:00:00Z');
const LATER = new Date('2026-06-01T00:00:00Z');

function pathsOf(request: ChangeRequest): string[] {
  try {
    planChanges(request, NOW);
  } catch (error) {
    if (error instanceof InvalidRequestError) return error.faults.map(({ path }) => path);
    throw error;
  }
  return [];
}

describe('what is changed', () => {
  test.each<[string, ChangeRequest, object]>([
    ['nothing where nothing is asked', {}, {}],
    ['what is asked and nothing else', { name: 'new', enabled: false }, { name: 'new', enabled: false }],
    ['scopes without the products', { scopes: ['a:read', 'a:read'] }, { scopes: ['a:read'] }],
    ['no scope at all', { scopes: [] }, { scopes: [] }],
    ['products without the scopes', { products: ['p', 'p'] }, { products: ['p'] }],
    ['products by their scope', { scopes: ['a:read', 'products:all'] }, { scopes: ['a:read'], products: 'all' }],
    ['products taken away by their scope', { scopes: ['products:specific'] }, { scopes: [], products: [] }],
    ['an expiry', { expiresAt: LATER }, { expiresAt: LATER }],
    ['an expiry taken away', { expiresAt: null }, { expiresAt: null }],
    ['address ranges, each once', { allowedCidrs: ['10.0.0.0/8', '10.0.0.0/8'] }, { allowedCidrs: ['10.0.0.0/8'] }],
  ])('%s', (_, request, changes) => {
    expect(planChanges(request, NOW)).toEqual(changes);
  });
});

describe('what is refused, and where', () => {
  test.each<[string, ChangeRequest, string[]]>([
    ['what is no scope', { scopes: ['a:read', 'nonsense'] }, ['scopes.1']],
    ['what is no address range', { allowedCidrs: ['10.0.0.0/33'] }, ['allowedCidrs.0']],
    ['an expiry in the past: disable or revoke the key instead', { expiresAt: NOW }, ['expiresAt']],
    ['contradicting products', { scopes: ['products:all'], products: ['p'] }, ['scopes']],
  ])('%s', (_, request, paths) => {
    expect(pathsOf(request)).toEqual(paths);
  });
});
