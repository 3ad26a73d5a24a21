import type { Offer } from './offer.js';

export type Products = 'all' | readonly string[];

interface ProductChoiceProps {
  readonly offered: Offer['products'];
  readonly chosen: Products;
  readonly fault: string | null;
  readonly onChoose: (chosen: Products) => void;
}

/** Every product, the ones to come included, or those that are ticked. */
export function ProductChoice({ offered, chosen, fault, onChoose }: ProductChoiceProps) {
  return (
    <fieldset>
      <legend>Product access</legend>
      <label className="choice">
        <input
          type="checkbox"
          checked={chosen === 'all'}
          onChange={({ target }) => {
            onChoose(target.checked ? 'all' : []);
          }}
        />
        All products
      </label>
      {chosen !== 'all' &&
        offered.map(({ id, name }) => (
          <label key={id} className="choice">
            <input
              type="checkbox"
              checked={chosen.includes(id)}
              onChange={({ target }) => {
                onChoose(target.checked ? [...chosen, id] : chosen.filter((product) => product !== id));
              }}
            />
            {name}
          </label>
        ))}
      <p className="fault">{fault}</p>
    </fieldset>
  );
}
