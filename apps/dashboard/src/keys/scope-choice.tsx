import { byGroup, type Offer } from './offer.js';

interface ScopeChoiceProps {
  readonly offered: Offer['scopes'];
  readonly chosen: readonly string[];
  readonly fault: string | null;
  readonly onChoose: (chosen: readonly string[]) => void;
}

/** The scopes of the catalogue, in their groups. */
export function ScopeChoice({ offered, chosen, fault, onChoose }: ScopeChoiceProps) {
  return (
    <fieldset>
      <legend>Scopes</legend>
      {offered.length === 0 && <p className="hint">The catalogue of the account has none yet.</p>}
      {[...byGroup(offered)].map(([group, scopes]) => (
        <fieldset key={group}>
          <legend>{group}</legend>
          {scopes.map(({ name, description }) => (
            <label key={name} className="choice">
              <input
                type="checkbox"
                checked={chosen.includes(name)}
                onChange={({ target }) => {
                  onChoose(target.checked ? [...chosen, name] : chosen.filter((scope) => scope !== name));
                }}
              />
              <code>{name}</code> {description}
            </label>
          ))}
        </fieldset>
      ))}
      <p className="fault">{fault}</p>
    </fieldset>
  );
}
