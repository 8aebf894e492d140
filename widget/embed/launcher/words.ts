// What the launcher says to people and screen readers.

const EN = {
  open: 'Open chat',
  close: 'Close chat',
  unread: (count: number) => `Open chat, ${count === 1 ? '1 new message' : `${count} new messages`}`,
  title: 'Chat',
};

const ZH: typeof EN = {
  open: '打开聊天',
  close: '关闭聊天',
  unread: (count) => `打开聊天，${count} 条新消息`,
  title: '在线聊天',
};

export const words = navigator.language.toLowerCase().startsWith('zh') ? ZH : EN;
