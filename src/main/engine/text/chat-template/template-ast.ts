/**
 * The syntax tree that `@huggingface/jinja`'s parser returns. The package exports the parser but not the node
 * types, so the shapes that our interpreter reads are written down here and asserted in one place (`compile.ts`).
 */
export type Expression =
  | { readonly type: 'StringLiteral'; readonly value: string }
  | { readonly type: 'IntegerLiteral'; readonly value: number }
  | { readonly type: 'FloatLiteral'; readonly value: number }
  | { readonly type: 'ArrayLiteral'; readonly value: readonly Expression[] }
  | { readonly type: 'TupleLiteral'; readonly value: readonly Expression[] }
  | { readonly type: 'ObjectLiteral'; readonly value: ReadonlyMap<Expression, Expression> }
  | Identifier
  | MemberExpression
  | CallExpression
  | BinaryExpression
  | { readonly type: 'UnaryExpression'; readonly operator: Token; readonly argument: Expression }
  | { readonly type: 'FilterExpression'; readonly operand: Expression; readonly filter: Identifier | CallExpression }
  | { readonly type: 'TestExpression'; readonly operand: Expression; readonly negate: boolean; readonly test: Identifier }
  | SelectExpression
  | {
      readonly type: 'Ternary';
      readonly condition: Expression;
      readonly trueExpr: Expression;
      readonly falseExpr: Expression;
    }
  | SliceExpression
  | KeywordArgument
  | { readonly type: 'SpreadExpression'; readonly argument: Expression }
  | { readonly type: 'KeywordSpreadExpression'; readonly argument: Expression };

export interface Token {
  readonly value: string;
}
export interface Identifier {
  readonly type: 'Identifier';
  readonly value: string;
}
export interface MemberExpression {
  readonly type: 'MemberExpression';
  readonly object: Expression;
  readonly property: Expression;
  readonly computed: boolean;
}
export interface CallExpression {
  readonly type: 'CallExpression';
  readonly callee: Expression;
  readonly args: readonly Expression[];
}
export interface BinaryExpression {
  readonly type: 'BinaryExpression';
  readonly operator: Token;
  readonly left: Expression;
  readonly right: Expression;
}
export interface SelectExpression {
  readonly type: 'SelectExpression';
  readonly lhs: Expression;
  readonly test: Expression;
}
export interface SliceExpression {
  readonly type: 'SliceExpression';
  readonly start?: Expression;
  readonly stop?: Expression;
  readonly step?: Expression;
}
export interface KeywordArgument {
  readonly type: 'KeywordArgumentExpression';
  readonly key: Identifier;
  readonly value: Expression;
}

export type Parameter = Identifier | KeywordArgument;

export type Statement =
  | Expression
  | { readonly type: 'Program'; readonly body: readonly Statement[] }
  | {
      readonly type: 'If';
      readonly test: Expression;
      readonly body: readonly Statement[];
      readonly alternate: readonly Statement[];
    }
  | ForStatement
  | { readonly type: 'Break' }
  | { readonly type: 'Continue' }
  | SetStatement
  | { readonly type: 'Macro'; readonly name: Identifier; readonly args: readonly Parameter[]; readonly body: readonly Statement[] }
  | { readonly type: 'Comment'; readonly value: string }
  | CallStatement
  | { readonly type: 'FilterStatement'; readonly filter: Identifier | CallExpression; readonly body: readonly Statement[] };

export interface ForStatement {
  readonly type: 'For';
  readonly loopvar: Expression;
  readonly iterable: Expression;
  readonly body: readonly Statement[];
  readonly defaultBlock: readonly Statement[];
}
export interface SetStatement {
  readonly type: 'Set';
  readonly assignee: Expression;
  readonly value: Expression | null;
  readonly body: readonly Statement[];
}
export interface CallStatement {
  readonly type: 'CallStatement';
  readonly call: CallExpression;
  readonly callerArgs: readonly Parameter[] | null;
  readonly body: readonly Statement[];
}
