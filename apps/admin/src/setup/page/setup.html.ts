import { PASSWORD_LENGTH } from '#libs/lifecycle';
import { frame } from './frame.js';

export const SETUP_HTML = frame(
  'Set-up',
  `<section id="begin">
<h1>Set up Mintmark</h1>
<p>Make the first account and its owner. It takes a minute, and happens once.</p>
<noscript><p class="problem">This page needs JavaScript. Without it, send <code>POST /api/v1/setup</code> yourself.</p></noscript>
<p id="problem" class="problem" role="alert" tabindex="-1" hidden></p>
<form id="form" novalidate>
${field('accountName', 'Account name', 'type="text" autocomplete="organization" maxlength="100"', 'Your team or company.')}
${field('email', 'E-mail address', 'type="email" autocomplete="username" maxlength="254"', 'You sign in with it.')}
${field('password', 'Password', passwordAttributes(), `At least ${PASSWORD_LENGTH.min} characters. A few words make a good one.`)}
<button type="submit">Set up</button>
</form>
</section>
<section id="next" hidden>
<h1 id="next-title" tabindex="-1">Mintmark is set up</h1>
<p>You are signed in as <strong id="owner"></strong>. <a href="/">Go to your keys</a>, and issue a first one there. To issue one from a terminal, sign in there:</p>
<pre><code id="sign-in"></code></pre>
<p>Then ask for the key. It is shown once:</p>
<pre><code id="issue"></code></pre>
<p>Everything else is in the <a href="/api/docs">API documentation</a>.</p>
</section>`,
  '<script type="module" src="/setup/page.js"></script>',
);

function field(name: string, label: string, attributes: string, hint: string): string {
  return `<div class="field">
<label for="${name}">${label}</label>
<input id="${name}" name="${name}" required aria-describedby="${name}-hint ${name}-fault" ${attributes}>
<p class="hint" id="${name}-hint">${hint}</p>
<p class="fault" id="${name}-fault"></p>
</div>`;
}

function passwordAttributes(): string {
  return `type="password" autocomplete="new-password" minlength="${PASSWORD_LENGTH.min}" maxlength="${PASSWORD_LENGTH.max}"`;
}
