// The syntax tree of a parsed template. Types only.

export type Binary = '+' | '-' | '*' | '/' | '//' | '%' | '**';
export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in';

export interface Arguments {
  positional: Expression[];
  named: { name: string; value: Expression }[];
  /** The arguments after `*` and `**`. */
  spread: Expression | null;
  spreadNamed: Expression | null;
}

export type Expression =
  | { kind: 'constant'; value: null | boolean | bigint | number | string }
  | { kind: 'name'; name: string }
  | { kind: 'list'; items: Expression[] }
  | { kind: 'tuple'; items: Expression[] }
  | { kind: 'dict'; items: { key: Expression; value: Expression }[] }
  | { kind: 'attribute'; object: Expression; name: string }
  | { kind: 'item'; object: Expression; key: Expression }
  | {
      kind: 'slice';
      object: Expression;
      start: Expression | null;
      stop: Expression | null;
      step: Expression | null;
    }
  | { kind: 'call'; callee: Expression; args: Arguments }
  | { kind: 'filter'; input: Expression; name: string; args: Arguments }
  | { kind: 'test'; input: Expression; name: string; args: Arguments }
  | { kind: 'binary'; operator: Binary; left: Expression; right: Expression }
  | { kind: 'compare'; first: Expression; rest: { operator: Comparison; operand: Expression }[] }
  | { kind: 'concat'; items: Expression[] }
  | { kind: 'and' | 'or'; left: Expression; right: Expression }
  | { kind: 'not' | 'negative' | 'positive'; operand: Expression }
  | { kind: 'conditional'; test: Expression; then: Expression; otherwise: Expression | null }
  /** Input of the filters of a filter block or a set block. */
  | { kind: 'body' };

export type Target =
  | { kind: 'name'; name: string }
  | { kind: 'attribute'; object: string; name: string }
  | { kind: 'tuple'; items: Target[] };

export interface Signature {
  parameters: { name: string; fallback: Expression | null }[];
  /** Which of Jinja's special names the body uses. */
  uses: { varargs: boolean; kwargs: boolean; caller: boolean };
  body: Statement[];
}

export interface For {
  kind: 'for';
  line: number;
  target: Target;
  items: Expression;
  test: Expression | null;
  recursive: boolean;
  body: Statement[];
  otherwise: Statement[];
}

export type Statement =
  | { kind: 'data'; line: number; text: string }
  | { kind: 'output'; line: number; value: Expression }
  | { kind: 'if'; line: number; branches: { test: Expression; body: Statement[] }[]; otherwise: Statement[] }
  | For
  | { kind: 'set'; line: number; target: Target; value: Expression }
  | { kind: 'set-block'; line: number; target: Target; filters: Expression; body: Statement[] }
  | { kind: 'filter-block'; line: number; filters: Expression; body: Statement[] }
  | { kind: 'with'; line: number; items: { target: Target; value: Expression }[]; body: Statement[] }
  | { kind: 'scope'; line: number; body: Statement[] }
  /** Text that the assistant generates. */
  | { kind: 'generation'; line: number; body: Statement[] }
  | { kind: 'macro'; line: number; name: string; signature: Signature }
  | { kind: 'call-block'; line: number; call: Extract<Expression, { kind: 'call' }>; signature: Signature }
  | { kind: 'break' | 'continue'; line: number };
