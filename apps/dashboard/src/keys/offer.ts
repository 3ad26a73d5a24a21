import { answerOf, api, type Schemas, wholeList } from '../api/admin-api.js';

/** What the account offers to a new key. */
export interface Offer {
  readonly scopes: readonly Schemas['Scope'][];
  readonly products: readonly Schemas['Product'][];
  /** Of the format that keys have unless they name another. */
  readonly environments: readonly string[];
}

/** They set which products a key may be used for; that is asked for by itself. */
const ABOUT_PRODUCTS = ['products:all', 'products:specific'];

export async function loadOffer(): Promise<Offer> {
  const [scopes, products, formats, { defaultFormat }] = await Promise.all([
    wholeList((query) => answerOf(api.GET('/api/v1/scopes', { params: { query } }))),
    wholeList((query) => answerOf(api.GET('/api/v1/products', { params: { query } }))),
    wholeList((query) => answerOf(api.GET('/api/v1/key-formats', { params: { query } }))),
    answerOf(api.GET('/api/v1/policy')),
  ]);
  return {
    scopes: scopes.filter(({ name }) => !ABOUT_PRODUCTS.includes(name)),
    products,
    environments: formats.find(({ name }) => name === defaultFormat)?.environments ?? [],
  };
}

/** In the order in which the groups first occur. */
export function byGroup(scopes: Offer['scopes']): ReadonlyMap<string, Offer['scopes']> {
  return Map.groupBy(scopes, ({ group }) => group);
}
