export interface Garment {
  /** The product of the account that it is; keys may be restricted to some. */
  readonly id: string;
  readonly name: string;
  readonly colours: readonly string[];
}

export const GARMENTS: readonly Garment[] = [
  { id: 'linen-shirt', name: 'Linen shirt', colours: ['white', 'sand'] },
  { id: 'wool-coat', name: 'Wool coat', colours: ['navy'] },
  { id: 'denim-jacket', name: 'Denim jacket', colours: ['indigo', 'black'] },
];
