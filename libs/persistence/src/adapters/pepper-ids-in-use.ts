import type { EntityManager } from 'typeorm';

/** Leaps from one id to the next through the index: Postgres would read every secret for a DISTINCT. Webhooks are few. */
const PEPPER_IDS_IN_USE = `
  WITH RECURSIVE used (id) AS (
    SELECT min(pepper_id) FROM secrets
    UNION ALL
    SELECT (SELECT min(s.pepper_id) FROM secrets s WHERE s.pepper_id > used.id) FROM used WHERE used.id IS NOT NULL
  )
  SELECT id FROM used WHERE id IS NOT NULL
  UNION SELECT pepper_id FROM webhooks
  UNION SELECT former_pepper_id FROM webhooks WHERE former_secret_ends_at > clock_timestamp()
  ORDER BY 1`;

/** The ids of the peppers without which some stored secret could not be found, or not be read. */
export async function pepperIdsInUse(manager: EntityManager): Promise<readonly string[]> {
  const rows: { readonly id: string }[] = await manager.query(PEPPER_IDS_IN_USE);
  return rows.map(({ id }) => id);
}
