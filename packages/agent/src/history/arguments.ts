/** What counts as arguments of a call: a JSON object. */

export const isArguments = (given: unknown): given is Record<string, unknown> =>
  typeof given === 'object' && given !== null && !Array.isArray(given);

/** As the model wrote them: an empty text or nothing means no arguments, a text is read as JSON where it is. */
export const readArguments = (given: unknown): unknown => {
  if (given === undefined || given === null) return {};
  if (typeof given !== 'string') return given;
  if (given.trim() === '') return {};
  try {
    return JSON.parse(given) as unknown;
  } catch {
    return given;
  }
};
