/** The address of a hub as a person writes it, as the origin that it is. */
import { NavisError } from '@navisai/protocol';

const maxLength = 300;

/** `hub.example.com`, `https://…` and `wss://…` are understood. Throws NavisError INVALID_ARGUMENT naming `field`. */
export const parseHubUrl = (text: string, field: string): string => {
  const given = text.trim();
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(given) ? given.replace(/^wss:/i, 'https:') : `https://${given}`;
  const url = given !== '' && given.length <= maxLength && URL.canParse(address) ? new URL(address) : undefined;
  const isPlain = url !== undefined && url.username === '' && url.password === '' && url.search === '' && !url.hash;
  if (url?.protocol === 'https:' && isPlain && url.pathname === '/') return url.origin;
  throw new NavisError(
    'INVALID_ARGUMENT',
    `${field} must be the address of a hub such as https://hub.example.com, not ${JSON.stringify(given.slice(0, 80))}.`,
    { field },
  );
};
