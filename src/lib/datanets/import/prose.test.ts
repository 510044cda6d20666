// Markdown and Word: headings, code, boxes, notes, tables and moved text are read once, or reported.

import { expect, it, test } from 'vitest';
import { imported } from '#tests/support/imported.ts';
import { docxBytes, memoryFile, paragraph } from '#tests/support/import-files.ts';

const markdown = async (text: string) => (await imported(memoryFile('a.md', text))).rows;
const word = (body: string, parts?: Record<string, string>, main?: string) =>
  imported(memoryFile('a.docx', docxBytes(body, parts, main)));

it('headings of Markdown begin passages and are kept, also without text below them', async () => {
  expect(await markdown('Before.\n# One #\nA.\n\n## Two\nB.\n# Empty\n')).toEqual([
    { text: 'Before.' },
    { text: 'A.', heading: 'One' },
    { text: 'B.', heading: 'Two', under: ['One'] },
    { text: 'Empty' },
  ]);
  expect(await markdown('# A\n## B\n### C\n## D\ntext\n### E\n#\n# F #1\nend')).toEqual([
    { text: 'C', under: ['A', 'B'] },
    { text: 'text', heading: 'D', under: ['A'] },
    { text: 'E', under: ['A', 'D'] },
    { text: 'end', heading: 'F #1' },
  ]);
});

test.each([
  ['```bash\n# install\napt install foo\n\n\n# start\n```'],
  ['~~~\n# a\n```\n# b\n~~~'],
  ['````\n```\n# a\n```\n````'],
  ['  - item\n\n    ```\n    # a\n    ```'],
  ['```\n# never closed'],
])('a block of code is whole: %j', async (code) => {
  expect(await markdown(`# Title\n\nRun:\n\n${code}\n`)).toEqual([{ text: `Run:\n\n${code}`, heading: 'Title' }]);
});

it('front matter is not a heading', async () => {
  expect(await markdown('---\ntitle: X\n# comment\n---\n# Real\nBody')).toEqual([
    { text: '---\ntitle: X\n# comment\n---' },
    { text: 'Body', heading: 'Real' },
  ]);
  expect(await markdown('---\n# Real\nBody')).toEqual([{ text: '---' }, { text: 'Body', heading: 'Real' }]);
});

it('a line keeps its trailing blanks, and `#` without a blank is a word', async () => {
  expect(await markdown('A line  \nwith a break.\n#tag\n```js` is code\n# H\nx')).toEqual([
    { text: 'A line  \nwith a break.\n#tag\n```js` is code' },
    { text: 'x', heading: 'H' },
  ]);
});

it('Word: paragraphs, headings, tabs and breaks, and no custom entities', async () => {
  const body = `${paragraph('Title &amp; co', 'Heading1')}${paragraph('# no heading')}<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r></w:p>${paragraph('Last', 'Heading1')}`;
  expect((await word(body)).rows).toEqual([
    { text: '# no heading\n\na\tb\nc', heading: 'Title & co' },
    { text: 'Last' },
  ]);
});

it('Word: a text box is read once, after its anchor', async () => {
  const box = `<w:txbxContent>${paragraph('Inside.')}</w:txbxContent>`;
  const alternate = `<mc:AlternateContent><mc:Choice>${box}</mc:Choice><mc:Fallback>${box}</mc:Fallback></mc:AlternateContent>`;
  const body = `<w:p><w:r><w:t>Before. </w:t></w:r><w:r>${alternate}</w:r><w:r><w:t>After.</w:t></w:r></w:p>${paragraph('Next.')}`;
  expect((await word(body)).rows).toEqual([{ text: 'Before. After.\n\nInside.\n\nNext.' }]);
  const old = `<w:p><mc:AlternateContent><mc:Fallback>${box}</mc:Fallback></mc:AlternateContent></w:p>`;
  expect((await word(old)).rows).toEqual([{ text: 'Inside.' }]);
});

it('Word: hyphens, signs, formulas, notes, tables, changes that are tracked', async () => {
  const run = (inside: string) => `<w:p><w:r>${inside}</w:r></w:p>`;
  const cell = (text: string) => `<w:tc>${paragraph(text)}</w:tc>`;
  const note =
    '<w:footnotes xmlns:w="w"><w:footnote w:id="2"><w:p><w:r><w:t>Page 7.</w:t></w:r></w:p></w:footnote></w:footnotes>';
  const body = [
    run('<w:t>1</w:t><w:noBreakHyphen/><w:t>24 </w:t><w:sym w:font="Symbol" w:char="F06D"/><w:t>g</w:t>'),
    run('<w:t>Claim</w:t><w:footnoteReference w:id="2"/><w:t> stands.</w:t>'),
    `<w:tbl><w:tr>${cell('City')}${cell('Rain')}</w:tr><w:tr>${cell('Bergen')}${cell('2250')}</w:tr></w:tbl>`,
    '<w:p><w:r><w:t>keep </w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:moveFrom><w:r><w:t>moved</w:t></w:r></w:moveFrom></w:p>',
    '<w:p><w:moveTo><w:r><w:t>moved</w:t></w:r></w:moveTo></w:p>',
    '<w:p><m:oMath><m:r><m:t>a=b</m:t></m:r></m:oMath></w:p>',
  ].join('');
  expect(await word(body, { 'word/footnotes.xml': note })).toMatchObject({
    rows: [
      { text: '1-24 μg\n\nClaim[1] stands.\n\n[1] Page 7.\n\nCity | Rain\nBergen | 2250\n\nkeep \n\nmoved\n\na=b' },
    ],
    issues: [],
  });
});

it('Word: the archive names the text, styles define headings, and other parts are reported', async () => {
  const parts = {
    '_rels/.rels':
      '<Relationships><Relationship Id="r1" Type="http://x/officeDocument" Target="/word/document2.xml"/></Relationships>',
    'word/styles.xml':
      '<w:styles xmlns:w="w"><w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style></w:styles>',
    'word/comments.xml': '<w:comments/>',
    'word/header1.xml': '<w:hdr/>',
    'word/media/image1.png': 'x',
  };
  const sign = '<w:p><w:r><w:sym w:font="Wingdings" w:char="F04A"/></w:r></w:p>';
  const { rows, issues } = await word(
    paragraph('Titel', 'berschrift1') + paragraph('Text') + sign,
    parts,
    'word/document2.xml',
  );
  expect(rows).toEqual([{ text: 'Text\n\n\uf04a', heading: 'Titel' }]);
  expect(issues).toEqual([
    'a.docx: it holds signs of the font Wingdings, which are kept by their numbers there.',
    'a.docx: it holds comments, which are left out.',
    'a.docx: it holds headers or footers, which are left out.',
    'a.docx: it holds pictures, which are left out.',
  ]);
  await expect(word('', {}, 'other/document.xml')).rejects.toThrow('it holds no word/document.xml');
});
