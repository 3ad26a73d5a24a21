import type { EntityManager } from 'typeorm';

/** Leaps from one id to the next through the index: Postgres would read every secret for a DISTINCT. */
const PEPPER_IDS_IN_USE = `
  WITH RECURSIVE used (id) AS (
    SELECT min(pepper_id) FROM secrets
    UNION ALL
    SELECT (SELECT min(s.pepper_id) FROM secrets s WHERE s.pepper_id > used.id) FROM used WHERE used.id IS NOT NULL
  )
  SELECT id FROM used WHERE id IS NOT NULL`;

/** The ids of the peppers without which some stored secret could not be found. */
export async function pepperIdsInUse(manager: EntityManager): Promise<readonly string[]> {
  const rows: { readonly id: string }[] = await manager.query(PEPPER_IDS_IN_USE);
  return rows.map(({ id }) => id);
}
