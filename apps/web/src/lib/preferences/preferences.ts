/** What a person chose on this device; everything else follows from sensible defaults. */

export interface Preferences {
  theme: 'system' | 'light' | 'dark';
  /** Pixels, of terminals that this device controls. */
  fontSize: number;
  /** `auto`: on devices with fingers. */
  keyBar: 'auto' | 'always' | 'never';
  /** On opening a terminal: take control when nobody has it, or only look. */
  onOpen: 'control' | 'look';
  /** Terminals as text for screen readers; slower. */
  isScreenReaderOn: boolean;
}

export const fontSizes = { min: 9, max: 28, phone: 13, desktop: 14 } as const;
/** Also read by `static/appearance.js`. */
export const preferencesKey = 'navis.preferences';

export const defaultPreferences = (isPhone: boolean): Preferences => ({
  theme: 'system',
  fontSize: isPhone ? fontSizes.phone : fontSizes.desktop,
  keyBar: 'auto',
  onOpen: 'control',
  isScreenReaderOn: false,
});

export const clampFontSize = (size: number): number =>
  Math.min(fontSizes.max, Math.max(fontSizes.min, Math.round(size)));

/** Whatever is stored: what is missing or not understood is the default. */
export const parsePreferences = (text: string | null, defaults: Preferences): Preferences => {
  const stored = parseObject(text);
  const among = <T>(value: unknown, known: readonly T[], otherwise: T): T =>
    known.includes(value as T) ? (value as T) : otherwise;
  return {
    theme: among(stored['theme'], ['system', 'light', 'dark'], defaults.theme),
    fontSize: Number.isFinite(stored['fontSize']) ? clampFontSize(Number(stored['fontSize'])) : defaults.fontSize,
    keyBar: among(stored['keyBar'], ['auto', 'always', 'never'], defaults.keyBar),
    onOpen: among(stored['onOpen'], ['control', 'look'], defaults.onOpen),
    isScreenReaderOn: among(stored['isScreenReaderOn'], [true, false], defaults.isScreenReaderOn),
  };
};

const parseObject = (text: string | null): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
};
