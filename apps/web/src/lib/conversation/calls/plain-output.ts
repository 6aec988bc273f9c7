/** Output of a command as text to read: without colours and cursor movements, with carriage returns applied. */

// eslint-disable-next-line no-control-regex -- these are what is taken out
const escapes =
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[PX^_][^\u001b]*(?:\u001b\\)?|[ -/]*[0-~])/g;
// eslint-disable-next-line no-control-regex -- likewise
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

export const plainOutput = (text: string): string => {
  const plain = text.includes('\u001b') ? text.replaceAll(escapes, '') : text;
  const lines = plain.replaceAll('\r\n', '\n');
  if (!lines.includes('\r')) return lines.replaceAll(controls, '');
  return lines.split('\n').map(overwritten).join('\n').replaceAll(controls, '');
};

/** What is left of a line that was written over. */
const overwritten = (line: string): string =>
  line.split('\r').reduce((shown, next) => (next === '' ? shown : next + shown.slice(next.length)), '');

/** The last lines, without what is empty at the end. */
export const lastLines = (text: string, count: number): string => text.trimEnd().split('\n').slice(-count).join('\n');
