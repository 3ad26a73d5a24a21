export { startAdmin, type AdminOptions } from './start-admin.js';
