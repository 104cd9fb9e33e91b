// Calendar days of the reader. On those on which clocks are changed a day has not 24 hours, so none is counted in them.

/** The midnight with which a day begins, `later` days after that of `time`. */
export const midnight = (time: Date, later = 0): Date => new Date(time.getFullYear(), time.getMonth(), time.getDate() + later);

/** The midnight with which a day that a reader chose begins; `day`: YYYY-MM-DD. */
export const beginningOf = (day: string, later = 0): Date => midnight(new Date(`${day}T00:00:00`), later);

/** It has not begun; `day`: YYYY-MM-DD. */
export const isAhead = (day: string, now = new Date()): boolean => beginningOf(day) > now;

/** As YYYY-MM. */
export const monthOf = (time: Date): string => `${time.getFullYear()}-${String(time.getMonth() + 1).padStart(2, '0')}`;
