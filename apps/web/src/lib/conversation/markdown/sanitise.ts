/** Makes what an agent wrote harmless: no scripts, no forms, no pictures from elsewhere, links that say who sent nobody. */
import type { DOMPurify } from 'dompurify';

const allowed = /^(https?:\/\/|mailto:)/i;

/** Markup of nothing but text, tables, code and links. */
export const sanitise = (purify: DOMPurify, html: string): string => {
  const fragment = purify.sanitize(html, {
    RETURN_DOM_FRAGMENT: true,
    ALLOWED_TAGS: tags,
    ALLOWED_ATTR: ['href', 'class', 'tabindex', 'align', 'start', 'data-copy', 'aria-label'],
    ALLOW_DATA_ATTR: false,
  });
  for (const link of fragment.querySelectorAll('a')) guard(link);
  for (const table of fragment.querySelectorAll('table')) wrap(table);
  const holder = document.createElement('div');
  holder.append(fragment);
  return holder.innerHTML;
};

const guard = (link: HTMLAnchorElement): void => {
  if (!allowed.test(link.getAttribute('href') ?? '')) {
    link.removeAttribute('href');
    return;
  }
  link.target = '_blank';
  link.rel = 'noopener noreferrer nofollow';
};

/** One that is wider than the page is scrolled, also by keys. */
const wrap = (table: HTMLTableElement): void => {
  const scroller = document.createElement('div');
  scroller.className = 'table-scroll';
  scroller.tabIndex = 0;
  scroller.setAttribute('role', 'group');
  scroller.ariaLabel = 'Table';
  table.replaceWith(scroller);
  scroller.append(table);
};

const tags =
  'a blockquote br button code del div em h2 h3 h4 h5 h6 hr li ol p pre span strong table tbody td th thead tr ul'.split(
    ' ',
  );
