/** Diffs in Git's own form. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDiff } from './parse-diff.ts';

const diff = `diff --git a/src/port.ts b/src/port.ts
index 111..222 100644
--- a/src/port.ts
+++ b/src/port.ts
@@ -1,3 +1,3 @@ export
 const a = 1;
-const port = 1;
+const port = 2;
 const b = 2;
diff --git a/old name b/new name
similarity index 100%
rename from old name
rename to new name
diff --git a/gone b/gone
deleted file mode 100644
--- a/gone
+++ /dev/null
@@ -1 +0,0 @@
-x
\\ No newline at end of file
diff --git a/picture.png b/picture.png
index 1..2 100644
Binary files a/picture.png and b/picture.png differ
diff --git "a/\\303\\244 b" "b/\\303\\244 b"
--- "a/\\303\\244 b"
+++ "b/\\303\\244 b"
@@ -0,0 +1 @@
+--- no header
`;

test('I18: a diff is read file by file with numbered lines, moves, deletions, binaries and quoted names', () => {
  const files = parseDiff(diff);
  expect(files.map(({ path, added, removed }) => [path, added, removed])).toEqual([
    ['src/port.ts', 1, 1],
    ['new name', 0, 0],
    ['gone', 0, 1],
    ['picture.png', 0, 0],
    ['ä b', 1, 0],
  ]);
  expect(files[0]?.lines).toEqual([
    { kind: 'gap', text: 'export' },
    { kind: 'same', before: 1, after: 1, text: 'const a = 1;' },
    { kind: 'removed', before: 2, after: null, text: 'const port = 1;' },
    { kind: 'added', before: null, after: 2, text: 'const port = 2;' },
    { kind: 'same', before: 3, after: 3, text: 'const b = 2;' },
  ]);
  expect(files[1]?.movedFrom).toBe('old name');
  expect(files[3]?.isBinary).toBe(true);
  expect(files[4]?.lines.at(-1)).toMatchObject({ kind: 'added', text: '--- no header' });
});

test('I18: a diff that is cut anywhere, or no diff at all, is read as far as it goes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: diff.length }), (end) => {
      for (const file of parseDiff(diff.slice(0, end))) expect(file.lines.length).toBeLessThan(10);
    }),
  );
  fc.assert(fc.property(fc.string(), (text) => void parseDiff(text)));
});
