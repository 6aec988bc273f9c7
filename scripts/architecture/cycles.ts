/** Finds the groups of files that import each other in a circle (Tarjan's strongly connected components). */

interface Mark {
  index: number;
  low: number;
  isOpen: boolean;
}

export function findCycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const marks = new Map<string, Mark>();
  const open: string[] = [];
  const cycles: string[][] = [];

  const visit = (file: string): Mark => {
    const mark: Mark = { index: marks.size, low: marks.size, isOpen: true };
    marks.set(file, mark);
    open.push(file);
    for (const target of graph.get(file) ?? []) {
      const seen = marks.get(target);
      if (seen === undefined) mark.low = Math.min(mark.low, visit(target).low);
      else if (seen.isOpen) mark.low = Math.min(mark.low, seen.index);
    }
    if (mark.low === mark.index) close(file);
    return mark;
  };

  const close = (file: string): void => {
    const group = open.splice(open.indexOf(file));
    for (const member of group) {
      const mark = marks.get(member);
      if (mark !== undefined) mark.isOpen = false;
    }
    const isCycle = group.length > 1 || (graph.get(file) ?? []).includes(file);
    if (isCycle) cycles.push(group.toSorted());
  };

  for (const file of graph.keys()) if (!marks.has(file)) visit(file);
  return cycles;
}
