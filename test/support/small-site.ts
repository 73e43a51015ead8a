/**
 * A site about a sailing ship that does not exist, so that nothing in an answer can come from elsewhere. Six pages
 * are reachable from the first one; one more is not linked to.
 */
export const SMALL_SITE: Readonly<Record<string, string>> = {
  '/': page(
    'The brigantine Halvorsen',
    `<p>These pages are the manual of the brigantine Halvorsen, which sails out of Port Ellery.</p>
     <ul>
       <li><a href="/rigging.html">Rigging</a></li>
       <li><a href="/galley.html">Galley</a></li>
       <li><a href="/engine.html">Engine</a></li>
       <li><a href="/watches.html">Watches</a></li>
       <li><a href="/gone.html">A page that is gone</a></li>
       <li><a href="https://example.org/elsewhere">Another site</a></li>
     </ul>`,
  ),
  '/rigging.html': page(
    'Rigging',
    `<p>The foremast carries four square sails and the mainmast is rigged fore and aft.</p>
     <h2>Inspection</h2>
     <p>The bosun inspects the shrouds every eleven days and after each gale above force eight.</p>
     <h2>Materials</h2>
     <p>All standing rigging is galvanised steel wire of nineteen millimetres. See also the <a href="/engine.html">engine</a>.</p>`,
  ),
  '/galley.html': page(
    'Galley',
    `<p>The galley feeds twenty-two people three times a day.</p>
     <h2>Fresh water</h2>
     <p>The fresh water tank under the galley holds 3400 litres, and the desalinator makes ninety litres an hour.</p>
     <h2>Stove</h2>
     <p>The stove burns paraffin and must be lit by the cook alone. <a href="/galley/recipes.html">Recipes</a></p>`,
  ),
  '/galley/recipes.html': page(
    'Recipes',
    `<p>The Sunday dish aboard is a stew of salted cod with juniper berries and dried apricots.</p>
     <p>Back to the <a href="../galley.html">galley</a>.</p>`,
  ),
  '/engine.html': page(
    'Engine',
    `<p>The auxiliary engine is a six-cylinder diesel of 240 horsepower, built in Turku in 1987.</p>
     <h2>Starting</h2>
     <p>Open the sea cock first, then preheat the cylinders for forty seconds before pressing the starter.</p>
     <pre><code class="language-sh">engine preheat --seconds 40
engine start</code></pre>`,
  ),
  '/watches.html': page(
    'Watches',
    `<p>The crew stands watch in three groups named Cormorant, Petrel and Gannet.</p>
     <table>
       <tr><th>Watch</th><th>Begins</th><th>Ends</th></tr>
       <tr><td>Cormorant</td><td>00:00</td><td>04:00</td></tr>
       <tr><td>Petrel</td><td>04:00</td><td>08:00</td></tr>
       <tr><td>Gannet</td><td>08:00</td><td>12:00</td></tr>
     </table>`,
  ),
  '/not-linked.html': page('Not linked', '<p>Nobody links to this page about the treasure chest.</p>'),
};

/** All but the one that is not linked to. */
export const REACHABLE_PAGES = Object.keys(SMALL_SITE).length - 1;

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title></head>
<body><nav><a href="/">Home</a></nav><main><h1>${title}</h1>${body}</main><footer>Port Ellery</footer></body></html>`;
}
