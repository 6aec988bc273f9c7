/** What this browser tells about itself. */
import type { BrowserFacts } from '../device/device-name.ts';

interface UserAgentData {
  brands: readonly { brand: string }[];
  platform: string;
}

export const browserFacts = (): BrowserFacts => {
  const data = (navigator as { userAgentData?: UserAgentData }).userAgentData;
  return {
    userAgent: navigator.userAgent,
    ...(data === undefined ? {} : { brands: data.brands, platform: data.platform }),
    touchPoints: navigator.maxTouchPoints,
    isInstalled: matchMedia('(display-mode: standalone)').matches,
  };
};
