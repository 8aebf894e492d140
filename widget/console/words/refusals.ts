// Why the server did not do something, in the agent's language. English is the catalogue's own text (PROTOCOL.md); what
// this console does not know yet is told in English by the server's words, elsewhere by one sentence that fits all.

import type { Closure } from '../../client/closures.ts';
import type { Refusal } from '../../client/drafts.ts';
import { type Language, language, say, speaker } from './say.ts';

type Reason = Pick<Refusal, 'code' | 'text'>;

/** By code. */
const REFUSALS: Readonly<Record<number, string>> = {
  100: '发送速度超过了此会话的限制，稍后会自动发送。',
  101: '服务暂时无法保存消息。您的消息已保留，将自动重发。',
  102: '请稍候，第一条消息即将发送。',
  110: '请先输入内容。',
  111: '文本中含有无法保存的字符，请删除后重新发送。',
  112: '多人正在发送相同的文本，请换种说法。',
  113: '这不是有效的邮箱地址。',
  120: '此会话已结束。',
  121: '没有这样的会话。',
  122: '请先接入会话再回复。',
  123: '同事抢先一步。',
  124: '此连接不允许该操作。',
  130: '消息未送达：看起来像是自动发送的。',
};

/** The catalogue speaks to visitors here: an agent cannot begin a conversation. */
const AGENTS_ENGLISH: Readonly<Record<number, string>> = { 120: 'This conversation has ended.' };

const CLOSURES: Readonly<Record<number, string>> = {
  4000: '服务器正在重启。',
  4001: '太久没有心跳。',
  4002: '首帧没有按时到达。',
  4003: '服务暂时不可用。',
  4008: '此连接读取太慢。',
  4401: '请重新登录。',
  4500: '无法理解收到的数据，请重新加载页面。',
  4501: '没有使用此密钥的站点。',
  4502: '此页面的来源不在允许列表中。',
  4503: '不接待爬虫。',
  4529: '请求过于频繁。',
};

/** The sentence for a refusal; empty texts and unknown codes have one, too. */
export function refusalText({ code, text }: Reason, to: Language = language): string {
  return (to === 'en' ? (AGENTS_ENGLISH[code] ?? text) : REFUSALS[code]) || speaker(to)('notDone', { code });
}

/** Why something that the agent asked for was not done, also where no answer came. */
export function failureText({ refusal }: { readonly refusal: Refusal | null }): string {
  return refusal ? refusalText(refusal) : say('serverTrouble');
}

/** The sentence for a connection that the server closed. */
export function closureText({ code, text }: Pick<Closure, 'code' | 'text'>, to: Language = language): string {
  return (to === 'en' ? text : CLOSURES[code]) || speaker(to)('closedWith', { code });
}
