/**
 * @file Evaluates a parsed chat template with Jinja2's scoping and Python's values.
 *
 * The package's own interpreter differs from Jinja2 in ways that change training text (`rstrip(chars)` ignores its
 * argument, `set` leaks out of loop bodies, `continue` drops what the iteration printed, `True` prints as `true`,
 * `==` compares as JavaScript does), cannot be stopped and strips `{% generation %}`. So only its parser is used.
 * Long because it is one recursive function over one tree, and splitting the recursion hides it.
 */
import { arithmetic, negative, positive } from './python-numbers.ts';
import { concatenate, requireText } from './python-strings.ts';
import {
  Callable,
  Namespace,
  PyFloat,
  Tuple,
  Undefined,
  compare,
  isEqual,
  isFlat,
  isTrue,
  iterate,
  read,
  toText,
  typeName,
  type Arguments,
  type Value,
} from './python-values.ts';
import type {
  BinaryExpression,
  CallExpression,
  CallStatement,
  Expression,
  ForStatement,
  Identifier,
  MemberExpression,
  Parameter,
  SetStatement,
  SliceExpression,
  Statement,
} from './template-ast.ts';
import { applyFilter } from './template-filters.ts';
import { attributeOf, present, subscript } from './template-lookup.ts';
import { applyTest, contains } from './template-tests.ts';
import { checkLength, grow, makeEach, spend, TemplateError } from './work-meter.ts';

/** Name of the call block that stands for `{% generation %}` (see compile.ts). */
export const GENERATION_MACRO = '__generation__';

/** What making an iteration's scope and its `loop` costs, in steps. */
const LOOP_STEPS = 8;

/** Variables of a block; a `set` stays in the scope it was made in. */
export class Scope {
  private readonly variables = new Map<string, Value>();
  private readonly parent: Scope | undefined;
  constructor(parent?: Scope) {
    this.parent = parent;
  }
  get(name: string): Value | undefined {
    // Names and nesting are the template's to choose, and so are their costs.
    spend(1 / 8 + name.length / 64);
    const own = this.variables.get(name); // undefined only when unset: None is null
    return own === undefined ? this.parent?.get(name) : own;
  }
  set(name: string, value: Value): void {
    this.variables.set(name, value);
  }
}

interface Output {
  text: string;
}
type Flow = 'next' | 'break' | 'continue';

const CONSTANTS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
]);

export class Interpreter {
  /** [start, end) of each generation block in the rendered text, UTF-16 units. */
  readonly generations: [number, number][] = [];
  private readonly root: Output = { text: '' };

  render(body: readonly Statement[], scope: Scope): string {
    this.block(body, scope, this.root);
    return this.root.text;
  }

  private print(output: Output, text: string): void {
    spend(1 + text.length / 16);
    checkLength(output.text.length + text.length);
    output.text += text;
  }

  private capture(body: readonly Statement[], scope: Scope): string {
    const output: Output = { text: '' };
    this.block(body, scope, output);
    return output.text;
  }

  private block(body: readonly Statement[], scope: Scope, output: Output): Flow {
    for (const statement of body) {
      const flow = this.statement(statement, scope, output);
      if (flow !== 'next') return flow;
    }
    return 'next';
  }

  private statement(node: Statement, scope: Scope, output: Output): Flow {
    spend(1);
    switch (node.type) {
      case 'StringLiteral':
        this.print(output, node.value);
        return 'next';
      case 'Program':
        return this.block(node.body, scope, output);
      case 'Comment':
        return 'next';
      case 'If':
        return this.block(isTrue(this.evaluate(node.test, scope)) ? node.body : node.alternate, scope, output);
      case 'For':
        return this.loop(node, scope, output);
      case 'Break':
        return 'break';
      case 'Continue':
        return 'continue';
      case 'Set':
        this.assign(node, scope);
        return 'next';
      case 'Macro':
        scope.set(node.name.value, this.macro(node.name.value, node.args, node.body, scope));
        return 'next';
      case 'CallStatement':
        this.callBlock(node, scope, output);
        return 'next';
      case 'FilterStatement':
        this.print(output, toText(this.filter(node.filter, this.capture(node.body, new Scope(scope)), scope)));
        return 'next';
      default:
        this.print(output, toText(this.evaluate(node, scope)));
        return 'next';
    }
  }

  private loop(node: ForStatement, scope: Scope, output: Output): Flow {
    const { iterable } = node;
    const filtered = iterable.type === 'SelectExpression';
    const source = iterate(this.evaluate(filtered ? iterable.lhs : iterable, scope));
    const items = filtered
      ? source.filter((item) => {
          spend(2);
          const inner = new Scope(scope);
          this.bind(node.loopvar, item, inner);
          return isTrue(this.evaluate(iterable.test, inner));
        })
      : source;
    if (items.length === 0) return this.block(node.defaultBlock, new Scope(scope), output);
    for (const [i, item] of items.entries()) {
      spend(LOOP_STEPS);
      const inner = new Scope(scope);
      inner.set('loop', loopVariable(items, i));
      this.bind(node.loopvar, item, inner);
      if (this.block(node.body, inner, output) === 'break') break;
    }
    return 'next';
  }

  private bind(target: Expression, value: Value, scope: Scope): void {
    if (target.type === 'Identifier') return scope.set(target.value, value);
    if (target.type === 'MemberExpression') {
      const object = this.evaluate(target.object, scope);
      if (!(object instanceof Namespace)) throw new TemplateError('cannot assign attribute on non-namespace object');
      object.attributes.set(this.memberName(target, scope), value);
      return undefined;
    }
    if (target.type !== 'TupleLiteral') throw new TemplateError(`cannot assign to ${target.type}`);
    const values = iterate(value);
    const names = target.value;
    if (values.length > names.length) throw new TemplateError(`too many values to unpack (expected ${names.length})`);
    if (values.length < names.length) throw new TemplateError(`not enough values to unpack (expected ${names.length}, got ${values.length})`);
    for (const [i, name] of names.entries()) this.bind(name, values[i] as Value, scope);
    return undefined;
  }

  private memberName(node: MemberExpression, scope: Scope): string {
    if (node.computed || node.property.type !== 'Identifier') return requireText(this.evaluate(node.property, scope));
    return node.property.value;
  }

  private assign(node: SetStatement, scope: Scope): void {
    const value = node.value === null ? this.capture(node.body, new Scope(scope)) : this.evaluate(node.value, scope);
    this.bind(node.assignee, value, scope);
  }

  private macro(name: string, parameters: readonly Parameter[], body: readonly Statement[], defined: Scope, caller?: Value): Callable {
    return Callable.macro(name, ({ positional, keyword }) => {
      const scope = new Scope(defined);
      const rest = new Map(keyword);
      const blockCaller = rest.get('caller') ?? caller;
      rest.delete('caller');
      if (blockCaller !== undefined) scope.set('caller', blockCaller);
      for (const [i, parameter] of parameters.entries()) {
        const key = parameter.type === 'Identifier' ? parameter.value : parameter.key.value;
        const given = positional[i] ?? rest.get(key);
        rest.delete(key);
        const absent = (): Value =>
          parameter.type === 'Identifier' ? new Undefined(`parameter '${key}' was not provided`) : this.evaluate(parameter.value, scope);
        scope.set(key, given ?? absent());
      }
      makeEach(positional.length);
      scope.set('varargs', positional.slice(parameters.length));
      scope.set('kwargs', new Map(rest));
      return this.capture(body, scope);
    });
  }

  private callBlock(node: CallStatement, scope: Scope, output: Output): void {
    const { callee } = node.call;
    if (callee.type === 'Identifier' && callee.value === GENERATION_MACRO) {
      // As transformers records it: the position is that of the root text, also when the block is printed into a capture.
      const start = this.root.text.length;
      const text = this.capture(node.body, new Scope(scope));
      this.generations.push([start, start + text.length]);
      this.print(output, text);
      return;
    }
    const target = this.evaluate(callee, scope);
    if (!(target instanceof Callable)) throw new TemplateError(`'${typeName(target)}' object is not callable`);
    const args = this.arguments(node.call.args, scope);
    const caller = this.macro('caller', node.callerArgs ?? [], node.body, scope);
    this.print(output, toText(target.call({ positional: args.positional, keyword: new Map([...args.keyword, ['caller', caller]]) })));
  }

  private arguments(nodes: readonly Expression[], scope: Scope): Arguments {
    const positional: Value[] = [];
    const keyword = new Map<string, Value>();
    for (const node of nodes) {
      if (node.type === 'KeywordArgumentExpression') keyword.set(node.key.value, this.evaluate(node.value, scope));
      else if (node.type === 'SpreadExpression') for (const item of iterate(this.evaluate(node.argument, scope))) positional.push(item);
      else if (node.type === 'KeywordSpreadExpression') {
        const spread = this.evaluate(node.argument, scope);
        if (!(spread instanceof Map)) throw new TemplateError(`argument after ** must be a mapping, not ${typeName(spread)}`);
        makeEach(spread.size);
        for (const [key, value] of spread) keyword.set(requireText(key), value);
      } else positional.push(this.evaluate(node, scope));
    }
    return { positional, keyword };
  }

  private filter(filter: Identifier | CallExpression, value: Value, scope: Scope): Value {
    if (filter.type === 'Identifier') return applyFilter(filter.value, value, NO_ARGUMENTS);
    if (filter.callee.type !== 'Identifier') throw new TemplateError('a filter must be a name');
    return applyFilter(filter.callee.value, value, this.arguments(filter.args, scope));
  }

  evaluate(node: Expression, scope: Scope): Value {
    spend(1);
    switch (node.type) {
      case 'StringLiteral':
      case 'IntegerLiteral':
        return node.value;
      case 'FloatLiteral':
        return new PyFloat(node.value);
      case 'Identifier':
        return CONSTANTS.has(node.value) ? (CONSTANTS.get(node.value) as Value) : present(scope.get(node.value), `'${node.value}' is undefined`);
      case 'ArrayLiteral':
        return node.value.map((item) => this.evaluate(item, scope));
      case 'TupleLiteral':
        return Tuple.from(node.value.map((item) => this.evaluate(item, scope)));
      case 'ObjectLiteral':
        return new Map([...node.value].map(([key, value]) => [this.key(key, scope), this.evaluate(value, scope)]));
      case 'MemberExpression':
        return this.member(node, scope);
      case 'CallExpression':
        return this.call(node, scope);
      case 'FilterExpression':
        return this.filter(node.filter, this.evaluate(node.operand, scope), scope);
      case 'TestExpression':
        return applyTest(node.test.value, this.evaluate(node.operand, scope)) !== node.negate;
      case 'Ternary':
        return this.evaluate(isTrue(this.evaluate(node.condition, scope)) ? node.trueExpr : node.falseExpr, scope);
      case 'SelectExpression':
        return isTrue(this.evaluate(node.test, scope))
          ? this.evaluate(node.lhs, scope)
          : new Undefined('the inline if-expression evaluated to false and no else section was defined.');
      case 'UnaryExpression':
        return unary(node.operator.value, this.evaluate(node.argument, scope));
      case 'BinaryExpression':
        return this.binary(node, scope);
      default:
        throw new TemplateError(`${node.type} is not allowed here`);
    }
  }

  private key(node: Expression, scope: Scope): Value {
    const key = this.evaluate(node, scope);
    read(key);
    return key;
  }

  private binary(node: BinaryExpression, scope: Scope): Value {
    const operator = node.operator.value;
    const left = this.evaluate(node.left, scope);
    if (operator === 'and') return isTrue(left) ? this.evaluate(node.right, scope) : left;
    if (operator === 'or') return isTrue(left) ? left : this.evaluate(node.right, scope);
    const right = this.evaluate(node.right, scope);
    switch (operator) {
      case '==':
        return isEqual(left, right);
      case '!=':
        return !isEqual(left, right);
      case 'in':
        return contains(right, left);
      case 'not in':
        return !contains(right, left);
      case '<':
        return compare(left, right, operator) < 0;
      case '<=':
        return compare(left, right, operator) <= 0;
      case '>':
        return compare(left, right, operator) > 0;
      case '>=':
        return compare(left, right, operator) >= 0;
      case '~':
        return concatenate([left, right], '');
      default:
        return this.arithmetic(operator, left, right);
    }
  }

  private arithmetic(operator: string, left: Value, right: Value): Value {
    if (left instanceof Undefined) throw new TemplateError(left.hint);
    if (right instanceof Undefined) throw new TemplateError(right.hint);
    if (operator === '+' && typeof left === 'string') {
      if (typeof right !== 'string') throw new TemplateError(`can only concatenate str (not "${typeName(right)}") to str`);
      grow(left.length + right.length);
      return left + right;
    }
    if (operator === '+' && Array.isArray(left) && Array.isArray(right)) {
      grow(left.length + right.length);
      return [...left, ...right];
    }
    if (operator === '*' && (typeof left === 'string' || typeof right === 'string')) {
      const [text, count] = typeof left === 'string' ? [left, right] : [right as string, left];
      if (typeof count === 'number' || typeof count === 'bigint') {
        const times = Math.max(0, Number(count));
        grow(text.length * times);
        return text.repeat(times);
      }
    }
    return arithmetic(operator, left, right);
  }

  private member(node: MemberExpression, scope: Scope): Value {
    const object = this.evaluate(node.object, scope);
    if (node.computed) {
      if (node.property.type === 'SliceExpression') return this.slice(object, node.property, scope);
      return subscript(object, this.evaluate(node.property, scope));
    }
    if (node.property.type !== 'Identifier') return subscript(object, this.evaluate(node.property, scope));
    return attributeOf(object, node.property.value);
  }

  private call(node: CallExpression, scope: Scope): Value {
    const callee = this.evaluate(node.callee, scope);
    if (callee instanceof Undefined) throw new TemplateError(callee.hint);
    if (!(callee instanceof Callable)) throw new TemplateError(`'${typeName(callee)}' object is not callable`);
    return callee.call(this.arguments(node.args, scope));
  }

  private slice(object: Value, node: SliceExpression, scope: Scope): Value {
    const part = (expression: Expression | undefined): number | null => {
      const evaluated = expression === undefined ? null : this.evaluate(expression, scope);
      const value = typeof evaluated === 'bigint' ? Number(evaluated) : evaluated; // beyond either end, whatever its last digits
      if (value !== null && typeof value !== 'number') throw new TemplateError('slice indices must be integers or None or have an __index__ method');
      return value;
    };
    if (object instanceof Undefined) throw new TemplateError(object.hint);
    if (typeof object !== 'string' && !Array.isArray(object)) throw new TemplateError(`'${typeName(object)}' object is not subscriptable`);
    const items = typeof object === 'string' && isFlat(object) ? object : iterate(object);
    grow(items.length);
    const { from, to, stride } = sliceRange(items.length, part(node.start), part(node.stop), part(node.step));
    if (stride === 1 && (typeof items === 'string' || typeof object !== 'string')) return items.slice(from, Math.max(from, to)) as Value;
    const picked: Value[] = [];
    for (let i = from; stride > 0 ? i < to : i > to; i += stride) picked.push(items[i] as Value);
    makeEach(picked.length);
    return typeof object === 'string' ? picked.join('') : picked;
  }
}

const NO_ARGUMENTS: Arguments = { positional: [], keyword: new Map() };

function loopVariable(items: readonly Value[], i: number): Value {
  const none = new Undefined('there is no such item');
  const entries: [string, Value][] = [
    ['index', i + 1],
    ['index0', i],
    ['revindex', items.length - i],
    ['revindex0', items.length - i - 1],
    ['first', i === 0],
    ['last', i === items.length - 1],
    ['length', items.length],
    ['previtem', items[i - 1] ?? (i > 0 ? null : none)],
    ['nextitem', items[i + 1] ?? (i + 1 < items.length ? null : none)],
    ['cycle', Callable.native('cycle', null, ({ positional }) => positional[i % positional.length] ?? null)],
  ];
  return new Map<Value, Value>(entries);
}

function unary(operator: string, value: Value): Value {
  if (operator === 'not') return !isTrue(value);
  const signed = operator === '-' ? negative(value) : positive(value);
  if (signed === undefined) throw new TemplateError(`bad operand type for unary ${operator}: '${typeName(value)}'`);
  return signed;
}

/** Where `[start:stop:step]` begins, before where it ends, and how far it steps, with Python's clamping. */
function sliceRange(
  size: number,
  start: number | null,
  stop: number | null,
  step: number | null,
): { readonly from: number; readonly to: number; readonly stride: number } {
  const stride = step ?? 1;
  if (stride === 0) throw new TemplateError('slice step cannot be zero');
  const low = stride > 0 ? 0 : -1;
  const high = stride > 0 ? size : size - 1;
  const clamp = (value: number): number => Math.min(high, Math.max(low, value < 0 ? value + size : value));
  const from = start === null ? (stride > 0 ? low : high) : clamp(start);
  const to = stop === null ? (stride > 0 ? high : low) : clamp(stop);
  return { from, to, stride };
}
