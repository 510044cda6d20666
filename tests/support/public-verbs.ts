// The public verbs of the library, with the @example of each: which folders hold them, and what in those folders is none. It
// reads the sources; it runs and checks nothing.

import { globSync, readFileSync } from 'node:fs';
import ts from 'typescript';

export interface PublicVerb {
  name: string;
  file: string;
  /** Of its declaration, from 1. */
  line: number;
  /** Null when it has none. */
  example: { code: string; firstLine: number } | null;
}

interface Home {
  files: string;
  /** Files that hold parts which verbs of several rooms share. */
  except?: RegExp;
  /** Exported functions that are parts of verbs: checks of input, phrases, encodings. */
  parts?: RegExp;
  /** The verbs are the methods of these interfaces. */
  methodsOf?: readonly string[];
}

/** A new file in one of these folders holds verbs, unless it is named here. */
const HOMES: readonly Home[] = [
  {
    files: 'src/lib/chain/actions/**/*.ts',
    except: /\/court-call[.]/,
    parts: /^require|Words?$|^(approvalFor|batchTree|contributionItem|proposalArguments|signingDomain|splitSignature)$/,
  },
  { files: 'src/lib/chain/reads/*.ts', except: /\/payment-books[.]/ },
  {
    files: 'src/lib/dataset/*.ts',
    except:
      /\/(aes-box|blob-spill|lines|read-blocks|shard-list|small-pieces|sort(ed)?-rows?|verify-rows|write-shards)[.]/,
  },
  { files: 'src/lib/settlement/*.ts', except: /\/locate[.]/ },
  { files: 'src/lib/factory/prepare-data.ts' },
  { files: 'src/lib/flows/*.ts' },
  { files: 'src/lib/engine/engine.ts', methodsOf: ['Runtime', 'AdapterHost', 'Scorer', 'Measured'] },
  { files: 'src/lib/engine/training/training-host.ts', methodsOf: ['TrainingHost'] },
  { files: 'src/lib/engine/{create-engine,shell/client}.ts' },
];

export const publicVerbs = (): PublicVerb[] =>
  HOMES.flatMap(({ files, except, parts, methodsOf }) =>
    globSync(files)
      .filter((file) => !file.endsWith('.test.ts') && !except?.test(file))
      .sort()
      .flatMap((file) => verbsIn(file, methodsOf))
      .filter(({ name }) => !parts?.test(name)),
  );

function verbsIn(file: string, methodsOf: readonly string[] | undefined): PublicVerb[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const found: PublicVerb[] = [];
  const add = (name: string, node: ts.Node) => {
    const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    found.push({ name, file, line, example: exampleOf(node, source) });
  };
  for (const statement of source.statements) {
    if (ts.isInterfaceDeclaration(statement) && methodsOf?.includes(statement.name.text)) {
      for (const member of statement.members) if (ts.isMethodSignature(member)) add(member.name.getText(), member);
    }
    const isExported =
      ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    if (!isExported || methodsOf) continue;
    if (ts.isFunctionDeclaration(statement) && statement.name) add(statement.name.text, statement);
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, initializer } of statement.declarationList.declarations) {
      if (initializer && ts.isArrowFunction(initializer)) add(name.getText(), statement);
    }
  }
  return found;
}

function exampleOf(node: ts.Node, source: ts.SourceFile): PublicVerb['example'] {
  const doc = ts.getJSDocCommentsAndTags(node).find(ts.isJSDoc);
  if (!doc) return null;
  const lines = doc.getText().split('\n');
  const at = lines.findIndex((line) => /^\s*\* @example\s*$/.test(line));
  if (at < 0) return null;
  const rest = lines.slice(at + 1).map((line) => line.replace(/^\s*\* ?/, ''));
  const end = rest.findIndex((line) => /^(@|\/$)/.test(line));
  const firstLine = source.getLineAndCharacterOfPosition(doc.getStart()).line + at + 2;
  return { code: rest.slice(0, end).join('\n'), firstLine };
}
