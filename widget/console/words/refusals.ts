// The protocol's refusals in the agent's language. What this console does not know yet, the server's words say.

import type { Refusal } from '../../client/drafts.ts';
import { language } from './say.ts';

/** By code of PROTOCOL.md; English comes from the server itself. */
const CHINESE: Readonly<Record<number, string>> = {
  100: '发送速度超过了此会话的限制，稍后会自动发送。',
  101: '服务暂时无法保存消息。您的消息已保留，将自动重发。',
  110: '请先输入内容。',
  111: '文本中含有无法保存的字符，请删除后重新发送。',
  112: '多人正在发送相同的文本，请换种说法。',
  120: '此会话已结束。',
  121: '没有这样的会话。',
  122: '请先接入会话再回复。',
  123: '同事抢先一步。',
  124: '此连接不允许该操作。',
};

export function refusalText({ code, text }: Pick<Refusal, 'code' | 'text'>): string {
  return (language === 'en' ? undefined : CHINESE[code]) ?? text;
}
