import { adminConfig, unknownVariables } from '#libs/config';
import { runApp } from '#libs/observability';
import { startAdmin } from './start-admin.js';

await runApp('admin', () => startAdmin(adminConfig(process.env)), unknownVariables(process.env));
