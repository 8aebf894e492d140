// A component that is drawn again only when one of its properties is another value. (Preact keeps its own in its
// compatibility layer, which is larger than the whole panel.)

import { Component, type ComponentChild, type FunctionComponent, h } from 'preact';

export function memo<P extends object>(draw: FunctionComponent<P>): FunctionComponent<P> {
  class Memo extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      const keys = new Set([...Object.keys(next), ...Object.keys(this.props)]) as Set<keyof P>;
      return [...keys].some((key) => next[key] !== (this.props as P)[key]);
    }

    override render(): ComponentChild {
      return h(draw, this.props as P);
    }
  }
  return (props: P) => h(Memo, props);
}
