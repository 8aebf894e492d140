/** For the people who make the page; visitors do not see it. */
export function warn(problem: string): void {
  console.warn(`Aican: ${problem}`);
}
