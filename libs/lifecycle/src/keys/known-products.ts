import { type InputFault, InvalidRequestError, type ProductAccess } from '#libs/key-domain';

/** Names each product that the account does not have by its place. */
export function productFaults(known: ReadonlySet<string>, products: ProductAccess): InputFault[] {
  if (products === 'all') return [];
  return products.flatMap((id, index) => (known.has(id) ? [] : [{ path: `products.${index}`, message: NO_SUCH_PRODUCT }]));
}

/** @throws InvalidRequestError naming each product that the account does not have by its place */
export function assertProductsKnown(known: ReadonlySet<string>, products: ProductAccess): void {
  const faults = productFaults(known, products);
  if (faults.length > 0) throw new InvalidRequestError(faults);
}

const NO_SUCH_PRODUCT = 'The account has no product of that id.';
