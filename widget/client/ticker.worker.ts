// Runs in a worker: says when a time has passed. See ticker.ts.

self.onmessage = ({ data }: MessageEvent<{ readonly id: number; readonly ms: number }>) => {
  setTimeout(() => postMessage(data.id), data.ms);
};
