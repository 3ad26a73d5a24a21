export { startAdmin } from './start-admin.js';
