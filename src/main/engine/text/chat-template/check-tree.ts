/** @file What the package's parser lets through although Jinja has no such thing, told before a row meets it. */
import type { CallExpression, Expression, Identifier, Statement } from './template-ast.ts';

type Node = Readonly<Record<string, unknown>> & { readonly type: string };

/** Why a tree that was parsed is no template, or null. Goes without recursion, since the tree may be as deep as the text is long. */
export function treeFault(body: readonly Statement[]): string | null {
  const waiting: unknown[] = [...body];
  while (waiting.length > 0) {
    const each = waiting.pop();
    if (each instanceof Map) for (const [key, value] of each) waiting.push(key, value);
    else if (Array.isArray(each)) for (const item of each) waiting.push(item);
    else if (isNode(each)) {
      const fault = nodeFault(each);
      if (fault !== null) return fault;
      for (const value of Object.values(each)) if (typeof value === 'object') waiting.push(value);
    }
  }
  return null;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as { readonly type?: unknown }).type === 'string';
}

function nodeFault(node: Node): string | null {
  if (node.type !== 'FilterExpression' && node.type !== 'FilterStatement') return null;
  const filter = node['filter'] as Identifier | CallExpression | Expression;
  const name = filter.type === 'CallExpression' ? filter.callee : filter;
  return name.type === 'Identifier' ? null : 'what stands after | must be the name of a filter, with its arguments at most';
}
