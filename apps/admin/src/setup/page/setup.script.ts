/** The script of the set-up page. The token stands in the fragment, which browsers send to nobody. */
export const SETUP_SCRIPT = String.raw`const FIELDS = ['accountName', 'email', 'password'];
const byId = (id) => document.getElementById(id);

const setupToken = new URLSearchParams(location.hash.slice(1)).get('token');
history.replaceState(null, '', location.pathname);
if (!setupToken) tell('This page was opened without its token. Open the whole link that Mintmark printed when it started.');

byId('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  clearFaults();
  const button = event.submitter ?? byId('form').querySelector('button');
  button.disabled = true;
  try {
    await setUp(Object.fromEntries(FIELDS.map((name) => [name, byId(name).value])));
  } catch {
    tell('Mintmark could not be reached. Is it still running? Try again.');
  } finally {
    button.disabled = false;
  }
});

async function setUp(values) {
  const response = await fetch('/api/v1/setup', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ setupToken: setupToken ?? '', ...values }),
  });
  const answer = await response.json();
  if (response.ok) showNext(answer.user.email);
  else showError(answer.error);
}

function showError({ code, message, details }) {
  const faults = code === 'invalid_request' ? details.reason : [];
  const shown = faults.filter((fault) => FIELDS.includes(fault.path));
  for (const fault of shown) {
    byId(fault.path).setAttribute('aria-invalid', 'true');
    byId(fault.path + '-fault').textContent = fault.message;
  }
  if (shown.length > 0) byId(shown[0].path).focus();
  else tell(faults.length > 0 ? 'The link is not complete. Open the whole link that Mintmark printed when it started.' : message);
}

function clearFaults() {
  byId('problem').hidden = true;
  for (const name of FIELDS) {
    byId(name).removeAttribute('aria-invalid');
    byId(name + '-fault').textContent = '';
  }
}

function tell(message) {
  byId('problem').textContent = message;
  byId('problem').hidden = false;
  byId('problem').focus();
}

function showNext(email) {
  const json = "-H 'Content-Type: application/json'";
  const quoted = JSON.stringify(email).replaceAll("'", "'\\''");
  byId('owner').textContent = email;
  byId('sign-in').textContent =
    'curl -c mintmark.cookies ' + json + ' \\\n  -d \'{"email": ' + quoted + ', "password": "…"}\' \\\n  ' + location.origin + '/api/v1/auth/login';
  byId('issue').textContent =
    'curl -b mintmark.cookies ' + json + ' \\\n  -d \'{"name": "My first key", "scopes": ["garments:read"]}\' \\\n  ' + location.origin + '/api/v1/keys';
  byId('begin').hidden = true;
  byId('next').hidden = false;
  byId('next-title').focus();
}
`;
