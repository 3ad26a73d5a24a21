import { frame } from './frame.js';

export const DONE_HTML = frame(
  'Set-up',
  `<h1>Mintmark is set up</h1>
<p>There is nothing left to do here. Sign in with <code>POST /api/v1/auth/login</code>, then issue keys with <code>POST /api/v1/keys</code>: the <a href="/api/docs">API documentation</a> lets you try both.</p>`,
);
