import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { StartError } from '#libs/observability';

/** Where `npm run build` puts it: beside the built admin. */
const BUILT = fileURLToPath(new URL('../../../dashboard/', import.meta.url));

const YEAR_MS = 365 * 24 * 3_600_000;

/** The page that people see, as it was built: one document, and the files that it names, whose names change with what is in them. */
export class DashboardPage {
  private constructor(
    readonly html: string,
    private readonly assets: string,
  ) {}

  /**
   * @param directory where it was built
   * @throws StartError where it was not
   */
  static builtIn(directory = BUILT): DashboardPage {
    const [document, assets] = [join(directory, 'index.html'), join(directory, 'assets')];
    if (!existsSync(document) || !existsSync(assets)) throw new StartError('The dashboard is not built: run "npm run build".');
    return new DashboardPage(readFileSync(document, 'utf8'), assets);
  }

  serveAssets(app: NestExpressApplication): void {
    app.useStaticAssets(this.assets, { prefix: '/assets/', index: false, redirect: false, immutable: true, maxAge: YEAR_MS });
  }
}
