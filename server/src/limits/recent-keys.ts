/** A set of the keys that were added last; beyond `capacity` the oldest is forgotten. */
export class RecentKeys {
  private readonly keys = new Set<string>();

  constructor(private readonly capacity: number) {}

  has(key: string): boolean {
    return this.keys.has(key);
  }

  add(key: string): void {
    this.keys.add(key);
    if (this.keys.size <= this.capacity) return;
    const oldest = this.keys.values().next();
    if (oldest.done !== true) this.keys.delete(oldest.value);
  }
}
