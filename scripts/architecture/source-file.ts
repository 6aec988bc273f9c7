/** Reads one source file into the facts that the architecture check judges: lines, imports, functions. */
import ts from 'typescript';

export interface SourceFile {
  /** Relative to the repository, with forward slashes. */
  path: string;
  lines: number;
  /** Import declarations, without re-exports. */
  importCount: number;
  /** Every module named by an import, re-export, dynamic import or import type. */
  specifiers: string[];
  functions: { name: string; line: number; lines: number }[];
  opensWithComment: boolean;
}

export function readSourceFile(path: string, text: string): SourceFile {
  const isComponent = path.endsWith('.svelte');
  const code = isComponent ? scriptsOfComponent(text) : text;
  const tree = ts.createSourceFile(path, code, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
  const file: SourceFile = {
    path,
    lines: countLines(text),
    importCount: 0,
    specifiers: [],
    functions: [],
    opensWithComment: /^(#!.*\n)?\s*(\/\*|\/\/|<!--|<script[^>]*>\s*(\/\*|\/\/))/.test(text),
  };
  visit(tree, tree, file);
  return file;
}

function countLines(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

/** The script blocks at their own lines, the markup blanked. */
function scriptsOfComponent(text: string): string {
  let code = '';
  let end = 0;
  for (const match of text.matchAll(/(<script[^>]*>)([\s\S]*?)<\/script>/g)) {
    const [, tag = '', body = ''] = match;
    const start = match.index + tag.length;
    code += text.slice(end, start).replace(/[^\n]/g, ' ') + body;
    end = start + body.length;
  }
  return code;
}

function visit(node: ts.Node, tree: ts.SourceFile, file: SourceFile): void {
  if (ts.isImportDeclaration(node)) file.importCount += 1;
  const specifier = specifierOf(node);
  if (specifier !== undefined) file.specifiers.push(specifier);
  if (isFunction(node) && node.body !== undefined && !isGroupOfTests(node)) {
    const first = tree.getLineAndCharacterOfPosition(node.getStart(tree)).line;
    const last = tree.getLineAndCharacterOfPosition(node.end).line;
    file.functions.push({ name: nameOf(node, tree), line: first + 1, lines: last - first + 1 });
  }
  ts.forEachChild(node, (child) => visit(child, tree, file));
}

function specifierOf(node: ts.Node): string | undefined {
  const expression =
    ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
      ? node.moduleSpecifier
      : ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)
        ? node.argument.literal
        : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
          ? node.arguments[0]
          : undefined;
  return expression !== undefined && ts.isStringLiteralLike(expression) ? expression.text : undefined;
}

type FunctionNode =
  | ts.FunctionDeclaration
  | ts.FunctionExpression
  | ts.ArrowFunction
  | ts.MethodDeclaration
  | ts.ConstructorDeclaration
  | ts.AccessorDeclaration;

function isFunction(node: ts.Node): node is FunctionNode {
  return (
    ts.isFunctionDeclaration(node) ||
    ts.isFunctionExpression(node) ||
    ts.isArrowFunction(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isConstructorDeclaration(node) ||
    ts.isAccessor(node)
  );
}

/** `describe('…', () => {…})` and the function of a suite only group; their tests are judged one by one. */
function isGroupOfTests(node: FunctionNode): boolean {
  if (ts.isCallExpression(node.parent) && isTestCall(node.parent))
    return /^describe\b/.test(node.parent.expression.getText());
  const statements = node.body !== undefined && ts.isBlock(node.body) ? node.body.statements : [];
  return statements.some((statement) => ts.isExpressionStatement(statement) && isTestCall(statement.expression));
}

function isTestCall(node: ts.Node): boolean {
  return ts.isCallExpression(node) && /^(test|describe)\b/.test(node.expression.getText());
}

function nameOf(node: FunctionNode, tree: ts.SourceFile): string {
  if (node.name !== undefined) return node.name.getText(tree);
  if (ts.isConstructorDeclaration(node)) return 'constructor';
  const parent = node.parent;
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)) return parent.name.getText(tree);
  return 'a function without a name';
}
