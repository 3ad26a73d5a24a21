import { frame } from './frame.js';

export const LANDING_HTML = frame(
  'API keys',
  `<h1>API keys, from mint to melt</h1>
<p>This is the admin of Mintmark. It issues API keys, and it takes them out of use: when the call that revokes a key
returns, no service accepts that key any more.</p>
<ul>
<li><a href="/api/docs">API documentation</a></li>
<li><a href="/api/openapi.json">OpenAPI document</a></li>
</ul>`,
);
