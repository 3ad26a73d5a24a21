import { frame } from './frame.js';

export const DONE_HTML = frame(
  'Set-up',
  `<h1>Mintmark is set up</h1>
<p>There is nothing left to do here. <a href="/">Go to your keys</a>, or read the <a href="/api/docs">API documentation</a>.</p>`,
);
