/**
 * Keeps xterm.js from answering a program's questions (device attributes, cursor position, modes, colours) unless this
 * viewer may: two answers, or an answer to replayed bytes, would be typed into the program (A8).
 */
import type { IDisposable, IFunctionIdentifier } from '@xterm/xterm';
import type { Screen } from './screen.types.ts';

const questions: IFunctionIdentifier[] = [
  { final: 'c' },
  { prefix: '>', final: 'c' },
  { prefix: '=', final: 'c' },
  { prefix: '>', final: 'q' },
  { final: 'n' },
  { prefix: '?', final: 'n' },
  { intermediates: '$', final: 'p' },
  { prefix: '?', intermediates: '$', final: 'p' },
  { prefix: '?', final: 'u' },
];
const deviceControlQuestions: IFunctionIdentifier[] = [
  { intermediates: '$', final: 'q' },
  { intermediates: '+', final: 'q' },
];
const colourCommands = [4, 10, 11, 12];
/** Reports among the window operations. */
const firstWindowReport = 11;
const lastWindowReport = 21;

/** `mayAnswer` is asked while the question is being parsed. */
export const guardQueries = (screen: Pick<Screen, 'parser'>, mayAnswer: () => boolean): IDisposable => {
  const { parser } = screen;
  const swallow = (): boolean => !mayAnswer();
  const registered = [
    ...questions.map((id) => parser.registerCsiHandler(id, swallow)),
    ...deviceControlQuestions.map((id) => parser.registerDcsHandler(id, swallow)),
    ...colourCommands.map((id) => parser.registerOscHandler(id, (data) => data.includes('?') && swallow())),
    parser.registerCsiHandler({ final: 't' }, ([operation]) => {
      const isReport = typeof operation === 'number' && operation >= firstWindowReport && operation <= lastWindowReport;
      return isReport && swallow();
    }),
  ];
  return { dispose: () => registered.forEach((handler) => handler.dispose()) };
};

/** Sent by xterm.js by itself when a program asks for focus reports. */
export const isFocusReport = (data: string): boolean => data === '\x1b[I' || data === '\x1b[O';

/** Moves and clicks, in every encoding that xterm.js speaks. */
export const isMouseReport = (data: string): boolean => /^\x1b\[(M|<\d)/.test(data);
