// What can be a number of days in a rule; the server says the same.
export const areDays = (days: number | null, least: number): days is number =>
  days !== null && Number.isInteger(days) && days >= least && days <= 36_500;
