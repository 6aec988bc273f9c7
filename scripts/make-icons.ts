/** Draws the PNG icons of the web app from its SVG: `node scripts/make-icons.ts`, after the SVG was changed. */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { findPrerequisites } from './check/prerequisites.ts';

interface Icon {
  name: string;
  size: number;
  /** Systems that cut icons to their own shape need the ground to reach the edge, and the sign to keep away from it. */
  isFullBleed: boolean;
}

const folder = fileURLToPath(new URL('../apps/web/static/icons/', import.meta.url));
const icons: Icon[] = [
  { name: 'navis-32.png', size: 32, isFullBleed: false },
  { name: 'navis-192.png', size: 192, isFullBleed: false },
  { name: 'navis-512.png', size: 512, isFullBleed: false },
  { name: 'navis-maskable-512.png', size: 512, isFullBleed: true },
  { name: 'apple-touch-icon.png', size: 180, isFullBleed: true },
];

const svg = await readFile(`${folder}navis.svg`, 'utf8');
const browser = await chromium.launch({ executablePath: findPrerequisites().chromium, args: ['--no-sandbox'] });
try {
  for (const icon of icons) await writeFile(folder + icon.name, await draw(icon));
} finally {
  await browser.close();
}

async function draw({ size, isFullBleed }: Icon): Promise<Buffer> {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  const drawing = isFullBleed ? svg.replace(/ rx="\d+"/, '').replace('0 0 64 64', '-4 -4 72 72') : svg;
  const ground = isFullBleed ? '#0f2e39' : 'transparent';
  await page.setContent(`<style>*{margin:0}body{background:${ground}}svg{display:block;width:100vw}</style>${drawing}`);
  const picture = await page.screenshot({ omitBackground: true });
  await page.close();
  return picture;
}
