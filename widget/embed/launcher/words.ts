// What the launcher says to people and screen readers.

const EN = {
  open: 'Open chat',
  close: 'Close chat',
  unread: (count: number) => `Open chat, ${count === 1 ? '1 new message' : `${count} new messages`}`,
  title: 'Chat',
  trying: 'The chat cannot be reached, trying again…',
  refused: 'Chat is not available on this page.',
};

const ZH: typeof EN = {
  open: '打开聊天',
  close: '关闭聊天',
  unread: (count) => `打开聊天，${count} 条新消息`,
  title: '在线聊天',
  trying: '暂时无法连接聊天，正在重试…',
  refused: '此页面暂不提供聊天服务。',
};

export const words = navigator.language.toLowerCase().startsWith('zh') ? ZH : EN;
