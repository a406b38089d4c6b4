/** The RTC's calendar arithmetic: 2000 to 2099, every fourth year a leap year, as the hardware has it. */

/** A date and time as the registers hold it; `year` from 0, `month` and `day` from 1, `weekday` 1 for Monday. */
export interface CalendarTime {
  year: number;
  month: number;
  day: number;
  weekday: number;
  hour: number;
  minute: number;
  second: number;
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

export const SECONDS_PER_DAY = 86_400;

/** Days in a month of a year from 0 to 99. */
export function daysInMonth(year: number, month: number): number {
  return month === 2 && year % 4 === 0 ? 29 : (DAYS[month - 1] ?? 31);
}

/** The same moment `seconds` later. Goes from the end of 2099 to the beginning of 2000. */
export function addSeconds(time: CalendarTime, seconds: number): CalendarTime {
  const total = time.hour * 3600 + time.minute * 60 + time.second + seconds;
  const days = Math.floor(total / SECONDS_PER_DAY);
  const rest = total - days * SECONDS_PER_DAY;
  let { year, month, day } = time;
  for (let left = days; left > 0; ) {
    const inMonth = daysInMonth(year, month) - day;
    if (left <= inMonth) {
      day += left;
      break;
    }
    left -= inMonth + 1;
    day = 1;
    if (++month > 12) {
      month = 1;
      year = (year + 1) % 100;
    }
  }
  return {
    year,
    month,
    day,
    weekday: ((time.weekday - 1 + days) % 7) + 1,
    hour: Math.floor(rest / 3600),
    minute: Math.floor(rest / 60) % 60,
    second: rest % 60,
  };
}

/** 0 to 99 as two binary-coded decimal digits, and back. */
export function toBcd(value: number): number {
  return (Math.floor(value / 10) << 4) | (value % 10);
}

export function fromBcd(bcd: number): number {
  return (bcd >> 4) * 10 + (bcd & 15);
}
