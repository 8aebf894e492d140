# ruff: noqa: E501
"""Headers of real browsers and of crawlers that say what they are; a few of each kind."""

from __future__ import annotations

_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
_ANDROID = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)"
_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"

BROWSERS = (
    f"{_WINDOWS} Chrome/142.0.0.0 Safari/537.36",
    f"{_WINDOWS} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
    f"{_WINDOWS} Chrome/142.0.0.0 Safari/537.36 OPR/124.0.0.0",
    f"{_WINDOWS} Chrome/140.0.0.0 YaBrowser/25.10.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15",
    "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    f"{_IPHONE} Version/26.1 Mobile/15E148 Safari/604.1",
    f"{_IPHONE} CriOS/142.0.7444.77 Mobile/15E148 Safari/604.1",
    f"{_IPHONE} FxiOS/145.0 Mobile/15E148 Safari/605.1.15",
    f"{_IPHONE} Mobile/15E148 MicroMessenger/8.0.50(0x18003231) NetType/WIFI Language/zh_CN",
    f"{_IPHONE} Mobile/15E148 Instagram 350.0.0.0 (iPhone15,2; iOS 18_6; en_GB; en; scale=3.00; 1179x2556)",
    f"{_IPHONE} Mobile/22G86 [FBAN/FBIOS;FBAV/480.0.0.0;FBBV/600000000;FBDV/iPhone15,2;FBMD/iPhone;FBSN/iOS;FBSV/18.6]",
    "Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    f"{_ANDROID} Chrome/142.0.0.0 Mobile Safari/537.36",
    f"{_ANDROID} SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 13; CUBOT X70) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 12; CUBOT_KINGKONG) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; U; Android 14; zh-CN; V2309A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/123.0.0.0 UCBrowser/17.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0",
    "Mozilla/5.0 (Linux; Android 14; HUAWEI ALN-AL00) AppleWebKit/537.36 (KHTML, like Gecko) HuaweiBrowser/15.0 Chrome/114.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (compatible; Konqueror/4.5; Linux) KHTML/4.5.4 (like Gecko)",
    "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko",
    "Opera/9.80 (Windows NT 6.1; U; en) Presto/2.12.388 Version/12.18",
    "",
)  # fmt: skip

CRAWLERS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    f"{_ANDROID} Chrome/142.0.0.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
    "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Twitterbot/1.0",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "TelegramBot (like TwitterBot)",
    "ia_archiver (+http://www.alexa.com/site/help/webmasters; crawler@alexa.com)",
    f"{_WINDOWS} Chrome/142.0.0.0 Safari/537.36 Chrome-Lighthouse",
    "Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
    "curl/8.9.1",
    "Wget/1.21.4",
    "python-requests/2.32.3",
    "Python/3.11 aiohttp/3.11.0",
    "Python-urllib/3.11",
    "Go-http-client/2.0",
    "okhttp/4.12.0",
    "Java/21.0.2",
    "Scrapy/2.12.0 (+https://scrapy.org)",
    "axios/1.7.9",
    "PostmanRuntime/7.43.0",
    "sqlmap/1.9#stable (https://sqlmap.org)",
)  # fmt: skip

NAMES = (
    *("Googlebot", "Googlebot-Image", "Storebot-Google", "AdsBot-Google", "APIs-Google", "AppEngine-Google", "GoogleOther"),
    *("Mediapartners-Google", "FeedFetcher-Google", "Google-Extended", "Google-InspectionTool", "bingbot", "BingPreview"),
    *("msnbot", "YandexBot", "YandexImages", "YandexVerticals", "Baiduspider", "DuckDuckBot", "Applebot", "PetalBot", "Yeti"),
    *("Sogou web spider", "360Spider", "SeznamBot", "Qwantify", "Slurp", "ia_archiver", "archive.org_bot", "CCBot", "Daum"),
    *("GPTBot", "ChatGPT-User", "OAI-SearchBot", "ClaudeBot", "Claude-User", "Claude-Web", "Claude-SearchBot", "anthropic-ai"),
    *("PerplexityBot", "Perplexity-User", "MistralAI-User", "Manus-User", "cohere-ai", "Bytespider", "Amazonbot", "Diffbot"),
    *("meta-externalagent", "meta-externalads", "Meta-ExternalFetcher", "FacebookCatalog", "facebookexternalhit", "omgili"),
    *("Twitterbot", "LinkedInBot", "Pinterestbot", "Discordbot", "TelegramBot", "Slackbot", "redditbot", "WhatsApp/2.23.20.0"),
    *("AhrefsBot", "SemrushBot", "MJ12bot", "DotBot", "Screaming Frog SEO Spider", "Sitebulb", "Barkrowler", "Iframely"),
    *("UptimeRobot", "Pingdom.com_v2", "StatusCake", "Site24x7", "NewRelicPinger", "Nuclei"),
)  # fmt: skip
"""What declared crawlers call themselves, with nothing around it."""

AUTOMATED = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Cypress/3.3.2 Chrome/61.0 Safari/537.36",
    f"{_WINDOWS} Chrome/142.0.0.0 Safari/537.36 Playwright",
)
"""Browsers that a program drives, and that say so."""

LIBRARIES = ("Python/3.11 websockets/17.4", "Go-WebSocket-Client/1.0", "Java/21 WebSocketClient")
"""Programs that speak WebSocket: clients of ours."""
