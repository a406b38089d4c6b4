/** Dates of the proleptic Gregorian calendar and seconds since 1970, of any size and sign. */

export interface DateTime {
  readonly year: number;
  /** 1 to 12 */
  readonly month: number;
  /** 1 to 31 */
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** 0 is Monday. */
  readonly weekday: number;
  /** 1 to 366 */
  readonly yearDay: number;
}

const SECONDS_PER_DAY = 86_400;
/** Days from the first of March of the year 0 to the first of January 1970. */
const DAYS_TO_1970 = 719_468;
const DAYS_PER_400_YEARS = 146_097;
/** The day before the first of each month, in a year that begins in March: the months have 153 days in every five. */
const daysBeforeMonth = (month: number) => Math.floor((153 * month + 2) / 5);

/** Days since 1970 of a date; `month` 1 to 12, `day` any. */
function daysSince1970(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = daysBeforeMonth(month > 2 ? month - 3 : month + 9) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * DAYS_PER_400_YEARS + dayOfEra - DAYS_TO_1970;
}

/** Seconds since 1970; every field may be out of its range and is carried over. */
export function secondsOf(year: number, month: number, day: number, hour: number, minute: number, second: number): number {
  const months = year * 12 + (month - 1);
  const normalYear = Math.floor(months / 12);
  const days = daysSince1970(normalYear, months - normalYear * 12 + 1, 1) + day - 1;
  return days * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second;
}

export function dateTimeOf(seconds: number): DateTime {
  const days = Math.floor(seconds / SECONDS_PER_DAY);
  const rest = seconds - days * SECONDS_PER_DAY;
  const shifted = days + DAYS_TO_1970;
  const era = Math.floor(shifted / DAYS_PER_400_YEARS);
  const dayOfEra = shifted - era * DAYS_PER_400_YEARS;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / (DAYS_PER_400_YEARS - 1))) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return {
    year,
    month,
    day: dayOfYear - daysBeforeMonth(marchMonth) + 1,
    hour: Math.floor(rest / 3600),
    minute: Math.floor(rest / 60) % 60,
    second: rest % 60,
    weekday: (((days + 3) % 7) + 7) % 7,
    yearDay: days - daysSince1970(year, 1, 1) + 1,
  };
}
