// Formats dates like strftime, in English and in the time zone of the given date. Never reads a clock.

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const DAY = 86_400_000;

/** A field as text, or as a number with its width and fill character. */
type Field = string | readonly [number: number, width: number, fill?: string];

function fieldOf(date: Date, letter: string): Field | null {
  const [year, month, day, weekday] = [date.getFullYear(), date.getMonth(), date.getDate(), date.getDay()];
  const [hours, minutes, seconds] = [date.getHours(), date.getMinutes(), date.getSeconds()];
  const yearDay = Math.round((Date.UTC(year, month, day) - Date.UTC(year, 0, 1)) / DAY);
  const iso = isoWeek(year, month, day);
  const together = (format: string) => formatDate(date, format);
  switch (letter) {
    case 'a':
      return DAYS[weekday]!.slice(0, 3);
    case 'A':
      return DAYS[weekday]!;
    case 'b':
    case 'h':
      return MONTHS[month]!.slice(0, 3);
    case 'B':
      return MONTHS[month]!;
    case 'c':
      return together('%a %b %e %H:%M:%S %Y');
    case 'C':
      return [Math.floor(year / 100), 2];
    case 'd':
      return [day, 2];
    case 'D':
    case 'x':
      return together('%m/%d/%y');
    case 'e':
      return [day, 2, ' '];
    case 'f':
      return [date.getMilliseconds() * 1000, 6];
    case 'F':
      return together('%Y-%m-%d');
    case 'g':
      return [iso.year % 100, 2];
    case 'G':
      return [iso.year, 1];
    case 'H':
      return [hours, 2];
    case 'I':
      return [hours % 12 || 12, 2];
    case 'j':
      return [yearDay + 1, 3];
    case 'k':
      return [hours, 2, ' '];
    case 'l':
      return [hours % 12 || 12, 2, ' '];
    case 'm':
      return [month + 1, 2];
    case 'M':
      return [minutes, 2];
    case 'n':
      return '\n';
    case 'p':
      return hours < 12 ? 'AM' : 'PM';
    case 'P':
      return hours < 12 ? 'am' : 'pm';
    case 'r':
      return together('%I:%M:%S %p');
    case 'R':
      return together('%H:%M');
    case 's':
      return [Math.floor(date.getTime() / 1000), 1];
    case 'S':
      return [seconds, 2];
    case 't':
      return '\t';
    case 'T':
    case 'X':
      return together('%H:%M:%S');
    case 'u':
      return [weekday || 7, 1];
    case 'U':
      return [Math.floor((yearDay + 7 - weekday) / 7), 2];
    case 'V':
      return [iso.week, 2];
    case 'w':
      return [weekday, 1];
    case 'W':
      return [Math.floor((yearDay + 7 - ((weekday + 6) % 7)) / 7), 2];
    case 'y':
      return [year % 100, 2];
    case 'Y':
      return [year, 1];
    // Python's naive datetimes have no time zone and print none.
    case 'z':
    case 'Z':
      return '';
    case '%':
      return '%';
    default:
      return null;
  }
}

function isoWeek(year: number, month: number, day: number): { year: number; week: number } {
  const thursday = new Date(Date.UTC(year, month, day));
  thursday.setUTCDate(thursday.getUTCDate() + 4 - (thursday.getUTCDay() || 7));
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  return { year: thursday.getUTCFullYear(), week: Math.ceil(((thursday.getTime() - first) / DAY + 1) / 7) };
}

/** `%-d`, `%_d`, `%03d` and `%^a` are the C library's; an unknown field is kept as written. */
export function formatDate(date: Date, format: string): string {
  return format.replace(/%([-_0^#]?)(\d{0,3})([a-zA-Z%])/g, (whole, flag: string, width: string, letter: string) => {
    const field = fieldOf(date, letter);
    if (field === null) return whole;
    if (typeof field === 'string') {
      const text =
        flag === '^' || (flag === '#' && letter !== 'p')
          ? field.toUpperCase()
          : flag === '#'
            ? field.toLowerCase()
            : field;
      return text.padStart(Number(width), flag === '0' ? '0' : ' ');
    }
    const [number, size, fill = '0'] = field;
    const sign = flag === '_' ? ' ' : flag === '0' ? '0' : fill;
    return String(number).padStart(flag === '-' ? Number(width) : Math.max(size, Number(width)), sign);
  });
}
