import { type CatalogueStore, InvalidRequestError, type ProductAccess } from '#libs/key-domain';

/**
 * @throws InvalidRequestError naming each product that the account does not have by its place
 * @throws UnavailableError
 */
export async function assertProductsKnown(catalogue: CatalogueStore, accountId: string, products: ProductAccess): Promise<void> {
  if (products === 'all' || products.length === 0) return;
  const known = await catalogue.knownProducts(accountId, products);
  const faults = products.flatMap((id, index) =>
    known.has(id) ? [] : [{ path: `products.${index}`, message: NO_SUCH_PRODUCT }],
  );
  if (faults.length > 0) throw new InvalidRequestError(faults);
}

const NO_SUCH_PRODUCT = 'The account has no product of that id.';
