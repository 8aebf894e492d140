// Tells the other side how far this one received and read, once for each step.

import { type Id, type MarkView, Role } from './frames.ts';
import { positionOf, type Thread } from './thread.ts';

interface Mark {
  readonly conversation: Id;
  readonly received: number;
  readonly read: number;
}

export class Marker {
  private readonly tell: (mark: Mark) => boolean;
  private readonly role: Role;
  private visible = false;
  private said: Mark | null = null;

  /** `tell` sends a mark and returns whether it went out. */
  constructor(tell: (mark: Mark) => boolean, role: Role = Role.VISITOR) {
    this.tell = tell;
    this.role = role;
  }

  /** A new connection: what was said on the old one may be lost. */
  reset(): void {
    this.said = null;
  }

  /** Whether the person sees the conversation. */
  look(visible: boolean): void {
    this.visible = visible;
  }

  /** Sends the mark that `thread` calls for. Returns it, or null if there was nothing new to say. */
  next(thread: Thread): { readonly conversation: Id; readonly mark: MarkView } | null {
    const { role } = this;
    const received = positionOf(thread);
    const read = this.visible ? received : thread.marks[role].read;
    if (received === 0 || this.alreadySaid(thread.id, received, read)) return null;
    const mark = { conversation: thread.id, received, read };
    if (!this.tell(mark)) return null;
    this.said = mark;
    return { conversation: thread.id, mark: { role, received, read } };
  }

  private alreadySaid(conversation: Id, received: number, read: number): boolean {
    const { said } = this;
    return said?.conversation === conversation && said.received >= received && said.read >= read;
  }
}
