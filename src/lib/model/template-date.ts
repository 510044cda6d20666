// Dates the way chat templates ask for them: the common strftime fields, in English and UTC.
// It is given a moment; it never reads a clock.

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

export function formatDate(date: Date, format: string): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const day = DAYS[date.getUTCDay()]!;
  const month = MONTHS[date.getUTCMonth()]!;
  const fields: Record<string, string> = {
    a: day.slice(0, 3),
    A: day,
    b: month.slice(0, 3),
    B: month,
    d: two(date.getUTCDate()),
    e: String(date.getUTCDate()).padStart(2, ' '),
    m: two(date.getUTCMonth() + 1),
    y: two(date.getUTCFullYear() % 100),
    Y: String(date.getUTCFullYear()),
    H: two(date.getUTCHours()),
    I: two(date.getUTCHours() % 12 || 12),
    M: two(date.getUTCMinutes()),
    S: two(date.getUTCSeconds()),
    p: date.getUTCHours() < 12 ? 'AM' : 'PM',
    '%': '%',
  };
  return format.replace(/%-?([a-zA-Z%])/g, (whole, field: string) => {
    const text = fields[field];
    if (text === undefined) throw new Error(`strftime_now() with ${whole}`);
    return whole[1] === '-' ? text.replace(/^[0 ](?=.)/, '') : text;
  });
}
