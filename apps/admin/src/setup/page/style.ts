/** The style of Mintmark's own pages. */
export const STYLE = `:root {
  color-scheme: light dark;
  --ink: #1d2330; --soft: #5a6375; --paper: #f6f4ef; --card: #ffffff; --line: #d9d5ca; --mint: #0b6b50; --on-mint: #ffffff; --fault: #a8201a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #ece9e1; --soft: #a9afbb; --paper: #14171d; --card: #1c2028; --line: #363c48; --mint: #5fd0ac; --on-mint: #08261c; --fault: #ff9c92;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; }
main { max-width: 36rem; margin: 8vh auto; padding: 2rem; background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem; }
.brand { display: flex; align-items: center; gap: 0.6rem; margin: 0; font-weight: 600; color: var(--soft); }
.coin { display: grid; place-items: center; width: 1.9rem; height: 1.9rem; border: 2px solid var(--mint); border-radius: 50%; color: var(--mint); font-family: Georgia, serif; }
h1 { margin: 1.25rem 0 0.5rem; font-size: 1.6rem; line-height: 1.2; }
h1:focus, .problem:focus { outline: none; }
a { color: var(--mint); }
.field { margin: 1.25rem 0; }
label { display: block; margin-bottom: 0.3rem; font-weight: 600; }
input { width: 100%; padding: 0.6rem 0.7rem; font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--soft); border-radius: 0.4rem; }
input:focus-visible, button:focus-visible, a:focus-visible { outline: 3px solid var(--mint); outline-offset: 2px; }
input[aria-invalid] { border: 2px solid var(--fault); }
.hint { margin: 0.3rem 0 0; font-size: 0.9rem; color: var(--soft); }
.fault { margin: 0.3rem 0 0; font-weight: 600; color: var(--fault); }
.problem { padding: 0.75rem 1rem; border-left: 4px solid var(--fault); background: var(--paper); }
button { padding: 0.65rem 1.4rem; font: inherit; font-weight: 600; color: var(--on-mint); background: var(--mint); border: 0; border-radius: 0.4rem; cursor: pointer; }
button:disabled { opacity: 0.6; cursor: progress; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: 1rem; background: var(--paper); border: 1px solid var(--line); border-radius: 0.4rem; font-size: 0.85rem; }
@media (max-width: 40rem) { main { margin: 0; min-height: 100vh; border: 0; border-radius: 0; } }
`;
