/** A page of Mintmark's own: no script or style stands in it, so that its policy can forbid those. */
export function frame(title: string, body: string, head = ''): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Mintmark</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/setup/page.css">
${head}
</head>
<body>
<main>
<p class="brand"><span class="coin" aria-hidden="true">M</span> Mintmark</p>
${body}
</main>
</body>
</html>
`;
}
