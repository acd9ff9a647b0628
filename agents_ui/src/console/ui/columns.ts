/** Which columns a table shows and in which order, remembered per table in this browser. Pure but for the storage. */
export interface ColumnPlan { order: string[]; hidden: string[] }

const KEY = "console.columns/";

/** Keeps what is remembered only as far as the table still has it; new columns go where the table puts them. */
export function settle(plan: ColumnPlan | null, keys: readonly string[], hiddenFirst: readonly string[]): ColumnPlan {
  if (plan === null) return { order: [...keys], hidden: [...hiddenFirst] };
  const order = plan.order.filter((key) => keys.includes(key));
  keys.forEach((key, index) => {
    if (!order.includes(key)) order.splice(Math.min(index, order.length), 0, key);
  });
  return { order, hidden: plan.hidden.filter((key) => keys.includes(key)) };
}

export function recall(table: string): ColumnPlan | null {
  try {
    const plan = JSON.parse(localStorage.getItem(KEY + table) ?? "null") as ColumnPlan | null;
    return plan !== null && Array.isArray(plan.order) && Array.isArray(plan.hidden) ? plan : null;
  } catch {
    return null;
  }
}

export function remember(table: string, plan: ColumnPlan | null): void {
  if (plan === null) localStorage.removeItem(KEY + table);
  else localStorage.setItem(KEY + table, JSON.stringify(plan));
}

/** `key` one place earlier or later in the order. */
export function moved(plan: ColumnPlan, key: string, by: 1 | -1): ColumnPlan {
  const order = [...plan.order];
  const at = order.indexOf(key);
  const to = at + by;
  if (at < 0 || to < 0 || to >= order.length) return plan;
  [order[at], order[to]] = [order[to] as string, order[at] as string];
  return { ...plan, order };
}
