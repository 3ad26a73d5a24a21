import { adminConfig } from '#libs/config';
import { runApp } from '#libs/observability';
import { startAdmin } from './start-admin.js';

await runApp(() => startAdmin(adminConfig(process.env)));
