/** A sensible first name for this browser, such as "Chrome on Linux"; the person may change it. */

export interface BrowserFacts {
  userAgent: string;
  /** From `navigator.userAgentData`, where there is one. */
  brands?: readonly { brand: string }[];
  platform?: string;
  /** iPads call themselves Macs; fingers give them away. */
  touchPoints: number;
  isInstalled: boolean;
}

const browsers: [RegExp, string][] = [
  [/Edg(e|A|iOS)?\//, 'Edge'],
  [/OPR\/|Opera/, 'Opera'],
  [/Vivaldi/, 'Vivaldi'],
  [/SamsungBrowser/, 'Samsung Internet'],
  [/Firefox|FxiOS/, 'Firefox'],
  [/Chrome|CriOS|Chromium/, 'Chrome'],
  [/Safari/, 'Safari'],
];

export const proposeDeviceName = (facts: BrowserFacts): string => {
  const browser = facts.isInstalled ? 'Navis' : browserOf(facts);
  const system = systemOf(facts);
  return system === undefined ? browser : `${browser} on ${system}`;
};

const browserOf = ({ userAgent, brands }: BrowserFacts): string => {
  const brand = brands?.map(({ brand }) => brand).find((name) => /Brave|Edge|Opera|Vivaldi/.test(name));
  if (brand !== undefined) return brand.replace('Microsoft ', '');
  return browsers.find(([pattern]) => pattern.test(userAgent))?.[1] ?? 'Browser';
};

const systemOf = ({ userAgent, platform = '', touchPoints }: BrowserFacts): string | undefined => {
  if (/iPhone/.test(userAgent)) return 'iPhone';
  if (/iPad/.test(userAgent) || (/Mac/.test(userAgent) && touchPoints > 1)) return 'iPad';
  if (/Android/.test(`${userAgent} ${platform}`)) return 'Android';
  if (/CrOS|Chrome OS/.test(`${userAgent} ${platform}`)) return 'ChromeOS';
  if (/Mac/.test(`${userAgent} ${platform}`)) return 'Mac';
  if (/Windows/.test(`${userAgent} ${platform}`)) return 'Windows';
  if (/Linux/.test(`${userAgent} ${platform}`)) return 'Linux';
  return undefined;
};
