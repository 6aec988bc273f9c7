/** Behaviour of fitting grids and text. */
import { expect, test } from 'vitest';
import { fontSizeFor, gridFor } from './fit.ts';

const cell = { width: 8, height: 17 };

test('whoever is in control gets the grid that fits the place', () => {
  expect(gridFor({ width: 805, height: 350 }, cell)).toEqual({ columns: 100, rows: 20 });
  expect(gridFor({ width: 10, height: 10 }, cell)).toEqual({ columns: 20, rows: 4 });
  expect(gridFor({ width: 1e6, height: 1e6 }, cell)).toEqual({ columns: 1000, rows: 500 });
  expect(gridFor({ width: 0, height: 300 }, cell)).toBeUndefined();
});

test('a viewer shrinks the text until the grid of another fits, but not beyond what can be read', () => {
  const request = { cell, fontSize: 14, preferred: 14 };
  expect(fontSizeFor({ ...request, place: { width: 960, height: 680 }, grid: { columns: 120, rows: 40 } })).toBe(14);
  expect(fontSizeFor({ ...request, place: { width: 640, height: 680 }, grid: { columns: 120, rows: 40 } })).toBe(9);
  expect(fontSizeFor({ ...request, place: { width: 320, height: 680 }, grid: { columns: 300, rows: 40 } })).toBe(6);
  expect(fontSizeFor({ ...request, place: { width: 2000, height: 2000 }, grid: { columns: 80, rows: 24 } })).toBe(14);
});
