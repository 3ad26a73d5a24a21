import type { InputFault, ProductAccess } from '#libs/key-domain';

const ALL = 'products:all';
const SPECIFIC = 'products:specific';

/** Whether it is one of the two that set the products of a key. */
export function isProductScope(scope: string): boolean {
  return scope === ALL || scope === SPECIFIC;
}

/**
 * Takes Keymint's product scopes out of a list of scopes: `products:all` stands for access to every product,
 * `products:specific` for the listed ones alone. Repeated scopes are named once.
 */
export function readProductScopes(
  scopes: readonly string[],
  products: ProductAccess | undefined,
  faults: InputFault[],
): { readonly scopes: readonly string[]; readonly products: ProductAccess } {
  const plain = [...new Set(scopes)].filter((scope) => !isProductScope(scope));
  const contradiction = contradictionOf(scopes, products);
  if (contradiction !== null) faults.push({ path: 'scopes', message: contradiction });
  return { scopes: plain, products: scopes.includes(ALL) ? 'all' : distinct(products ?? []) };
}

function contradictionOf(scopes: readonly string[], products: ProductAccess | undefined): string | null {
  if (scopes.includes(ALL) && scopes.includes(SPECIFIC)) return `${ALL} and ${SPECIFIC} exclude each other.`;
  if (scopes.includes(ALL) && products !== undefined && products !== 'all') return `${ALL} contradicts the list of products.`;
  if (scopes.includes(SPECIFIC) && products === 'all') return `${SPECIFIC} contradicts access to all products.`;
  return null;
}

function distinct(products: ProductAccess): ProductAccess {
  return products === 'all' ? products : [...new Set(products)];
}
