import type { ColumnOptions } from 'typeorm';

/** An identifier or a name that is looked up: compared byte by byte, so that its order is the same on every server. */
export const ID = { type: 'text', collation: 'C' } as const satisfies ColumnOptions;

export const ID_OR_NULL = { ...ID, nullable: true } as const satisfies ColumnOptions;

/** The moment at which the row was written, by the server's clock. */
export const WRITTEN_AT = { type: 'timestamptz', default: () => 'clock_timestamp()' } as const satisfies ColumnOptions;

export const MOMENT_OR_NULL = { type: 'timestamptz', nullable: true } as const satisfies ColumnOptions;

export const JSON_OR_NULL = { type: 'jsonb', nullable: true } as const satisfies ColumnOptions;

export const TEXT_OR_NULL = { type: 'text', nullable: true } as const satisfies ColumnOptions;
