/** Words about models. */
import { expect, test } from 'vitest';
import { contextInWords, parseModels, providerChoices } from './provider-words.ts';

test('names of models are taken one by one, each once', () => {
  expect(parseModels(' qwen3:8b,\nllama3.3  qwen3:8b ')).toEqual([{ id: 'qwen3:8b' }, { id: 'llama3.3' }]);
  expect(parseModels('  ')).toEqual([]);
});

test('context is told in thousands and millions of tokens', () => {
  expect([null, 8192, 200_000, 1_048_576].map(contextInWords)).toEqual(['', '8 k', '200 k', '1 M']);
});

test('only providers on the own network come without a key', () => {
  expect(providerChoices.filter(({ needsKey }) => !needsKey).map(({ kind }) => kind)).toEqual([
    'openai-compatible',
    'openai-compatible',
  ]);
});
