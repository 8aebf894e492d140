// A friendly name for a visitor who gave none: "Amber Fox" is easier to keep apart from "Jade Otter" than two numbers.
// It follows from the visitor's id, which is random: everybody sees the same one, and it tells nothing of the person.

import type { Id } from '../../client/frames.ts';
import type { Language } from './say.ts';

type Word = readonly [english: string, chinese: string];

/** By hue of the palette (avatar.css), so that the picture shows the colour that the name says. */
const COLORS: readonly (readonly Word[])[] = [
  [
    ['Coral', '珊瑚'],
    ['Cherry', '樱桃'],
    ['Ruby', '红玉'],
  ],
  [
    ['Amber', '琥珀'],
    ['Honey', '蜜糖'],
    ['Apricot', '杏子'],
  ],
  [
    ['Olive', '橄榄'],
    ['Lemon', '柠檬'],
    ['Lime', '青柠'],
  ],
  [
    ['Jade', '翡翠'],
    ['Mint', '薄荷'],
    ['Clover', '苜蓿'],
  ],
  [
    ['Teal', '青碧'],
    ['Aqua', '水蓝'],
    ['Lagoon', '湖蓝'],
  ],
  [
    ['Azure', '天青'],
    ['Cobalt', '钴蓝'],
    ['Sapphire', '蓝宝'],
  ],
  [
    ['Violet', '紫罗兰'],
    ['Lilac', '丁香'],
    ['Lavender', '薰衣草'],
  ],
  [
    ['Rose', '玫瑰'],
    ['Peony', '牡丹'],
    ['Magnolia', '木兰'],
  ],
];

/** Animals that nobody minds being called. */
const ANIMALS: readonly Word[] = [
  ['Alpaca', '羊驼'],
  ['Antelope', '羚羊'],
  ['Beaver', '河狸'],
  ['Bison', '野牛'],
  ['Bumblebee', '熊蜂'],
  ['Butterfly', '蝴蝶'],
  ['Camel', '骆驼'],
  ['Chinchilla', '毛丝鼠'],
  ['Crane', '仙鹤'],
  ['Deer', '小鹿'],
  ['Dolphin', '海豚'],
  ['Dragonfly', '蜻蜓'],
  ['Falcon', '猎鹰'],
  ['Finch', '燕雀'],
  ['Firefly', '萤火虫'],
  ['Flamingo', '火烈鸟'],
  ['Fox', '狐狸'],
  ['Gecko', '壁虎'],
  ['Giraffe', '长颈鹿'],
  ['Hedgehog', '刺猬'],
  ['Heron', '苍鹭'],
  ['Hummingbird', '蜂鸟'],
  ['Ibex', '羱羊'],
  ['Jaguar', '美洲豹'],
  ['Kangaroo', '袋鼠'],
  ['Kingfisher', '翠鸟'],
  ['Koala', '考拉'],
  ['Ladybird', '瓢虫'],
  ['Lark', '云雀'],
  ['Lemur', '狐猴'],
  ['Leopard', '花豹'],
  ['Lion', '狮子'],
  ['Lynx', '猞猁'],
  ['Magpie', '喜鹊'],
  ['Marmot', '土拨鼠'],
  ['Meerkat', '狐獴'],
  ['Moose', '驼鹿'],
  ['Nightingale', '夜莺'],
  ['Octopus', '章鱼'],
  ['Orca', '虎鲸'],
  ['Oriole', '黄鹂'],
  ['Osprey', '鱼鹰'],
  ['Otter', '水獭'],
  ['Owl', '猫头鹰'],
  ['Panda', '熊猫'],
  ['Pelican', '鹈鹕'],
  ['Penguin', '企鹅'],
  ['Pony', '小马'],
  ['Puffin', '海鹦'],
  ['Reindeer', '驯鹿'],
  ['Robin', '知更鸟'],
  ['Seahorse', '海马'],
  ['Seal', '海豹'],
  ['Sparrow', '麻雀'],
  ['Squirrel', '松鼠'],
  ['Stork', '白鹳'],
  ['Swallow', '燕子'],
  ['Swan', '天鹅'],
  ['Tiger', '老虎'],
  ['Toucan', '巨嘴鸟'],
  ['Wombat', '袋熊'],
  ['Woodpecker', '啄木鸟'],
  ['Yak', '牦牛'],
  ['Zebra', '斑马'],
];

const SHADES = 3;

/** A number that every console makes of the same visitor: the random end of a UUIDv7 (RFC 9562 §5.7). */
function numberOf(visitor: Id): number {
  return Number.parseInt(visitor.slice(-8), 16) || 0;
}

/** The hue of the palette that the visitor's picture has. */
export function hueOfVisitor(visitor: Id): number {
  return numberOf(visitor) % COLORS.length;
}

/** "Amber Fox", "琥珀狐狸": one of 1,536. */
export function aliasOf(visitor: Id, language: Language): string {
  const number = numberOf(visitor);
  const shade = Math.floor(number / COLORS.length) % SHADES;
  const animal = Math.floor(number / (COLORS.length * SHADES)) % ANIMALS.length;
  const words = [COLORS[number % COLORS.length]?.[shade], ANIMALS[animal]];
  return language === 'en'
    ? words.map((word) => word?.[0]).join(' ')
    : words.map((word) => word?.[1]).join('');
}
