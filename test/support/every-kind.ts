/** A page with blocks of most kinds, and with parts that are no text of it. */
export const EVERY_KIND = `<!doctype html><html lang="en"><head><title>The bilge pump</title></head><body>
<nav><a href="/">Home</a> <a href="/pumps">All pumps</a></nav>
<main><h1 id="pump">The bilge pump</h1>
<p>It moves 10<sup>3</sup> litres an hour &mdash; see the <a href="/manual">manual</a>.</p>
<h2 id="parts">Parts</h2>
<table><tr><th>Part</th><th>Stock</th></tr><tr><td>Valve | left</td><td>4</td></tr></table>
<ol><li>Shut the <code>sea_cock</code>.<pre><code class="language-sh">pump --stop\n  --now</code></pre></li><li>Drain it.</li></ol>
<dl><dt>Impeller</dt><dd>The wheel that moves the water.</dd></dl>
<blockquote><p>A dry ship is a happy ship.</p></blockquote>
<p hidden>Nobody reads this.</p></main>
<footer>Port Ellery</footer></body></html>`;
