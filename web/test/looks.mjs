/** What is wrong with a page as it looks: for those who do not see it, on a narrow screen, with larger text. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export async function violations(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return found.violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.join(' ')} ${n.failureSummary?.split('\n')[1]?.trim() ?? ''}`));
}

/** What scrolls sideways, or lies beyond the edge where nobody can scroll to it. */
export const sideways = (page) =>
  page.evaluate(() => {
    const wide = document.documentElement.clientWidth;
    const found = document.documentElement.scrollWidth > wide ? ['the page scrolls sideways'] : [];
    for (const e of document.querySelectorAll('body *')) {
      if (e.closest('.oculto, .salto, option') || !e.checkVisibility()) continue;
      const { right, left, width } = e.getBoundingClientRect();
      if (width > 0 && (right > wide + 1 || left < -1)) found.push(`${e.tagName}.${e.getAttribute('class') ?? ''} ends at ${Math.round(right)} of ${wide}`);
    }
    return found.slice(0, 3);
  });

const spaced = `html { font-size: 200%; } * { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
  p { margin-bottom: 2em !important; }`;

/** Text twice as large, and the spacing of WCAG 1.4.12. The sheet is made by the browser's own hand: what the policy forbids to
 * the page is not forbidden to its reader. */
export const larger = (page) =>
  page.evaluate((css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [sheet];
  }, spaced);

/** What is cut because it does not fit. */
export const clipped = (page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('button, .chip, .plazo, h1, h2, .por-que, .aviso, .texto')]
      .filter((e) => !e.matches('.oculto') && e.getClientRects().length > 0 && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== 'visible')
      .map((e) => e.className || e.tagName),
  );
