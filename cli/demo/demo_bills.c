/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the demo's bills.csv: four days of bills, of which 6,131 carry an error text
 * where the counterparty should stand, among rows made to mislead whoever counts with
 * less than a CSV reader. For `twinwall demo`.
 *
 * Formatted by hand into one buffer: the file has about 200 MB, and fprintf would take
 * several times as long. The affected rows of a day are drawn by selection sampling
 * (each row with the chance wanted/left), which gives the exact number in one pass.
 *
 * The traps, none of which is affected: the error text in the memo, also quoted and
 * with doubled quotes; a memo of several lines, one of which looks like an affected
 * record; counterparties with commas, quotes and line breaks; empty and NULL ones;
 * other messages of the same service. Some affected ones are quoted.
 */
#include "demo_plan.h"

#include <string.h>

enum { ROWS_A_DAY = 374040, MERCHANTS = 21000, ROW_MAX = 1024, BUFFER_SIZE = 1 << 16 };

static const struct day {
    const char *date, *digits;
    uint32_t affected;
} days[] = {
    {"2023-02-09", "20230209", 1533},
    {"2023-02-10", "20230210", 1533},
    {"2023-02-11", "20230211", 1533},
    {"2023-02-12", "20230212", 1532},
};

#define ERROR_TEXT "【解密服务初始化失败，请联系加解密管理员】"

/* Other messages of the same service: none is the one that is looked for. */
static const char *const near_misses[] = {
    "【解密服务初始化成功】",
    "【解密服务初始化中，请稍候】",
    "【加密服务初始化失败，请联系管理员】",
    "【解密服务调用失败，请稍后重试】",
};

static const char *const places[] = {
    "东湖", "西岭", "南桥", "北港", "云溪", "海棠", "青石", "白沙", "长亭", "古渡",
    "新川", "临江", "松原", "竹里", "梅岭", "荷塘", "金沙", "银湖", "玉泉", "星河",
};

static const char *const words[] = {
    "安居", "广厦", "佳邻", "明德", "恒通", "瑞和", "宏远", "启航", "聚源", "天成",
    "华盛", "诚信", "万家", "百川", "同心", "致远", "长青", "永泰", "嘉禾", "鼎新",
};

static const char *const trades[] = {
    "物业", "置业", "租赁", "家政", "装饰", "商贸", "公寓", "餐饮", "科技", "物流",
};

static const char *const forms[] = {"有限公司", "有限责任公司", "服务部", "经营部",
                                    "合作社",   "工作室",       "中心",   "商行"};

static const char *const stems[] = {"甲", "乙", "丙", "丁", "戊",
                                    "己", "庚", "辛", "壬", "癸"};
static const char *const branches[] = {"子", "丑", "寅", "卯", "辰", "巳",
                                       "午", "未", "申", "酉", "戌", "亥"};

static const char *const memos[] = {
    "房租",     "押金",     "服务费", "二月租金", "水电代缴", "订单结算",
    "定金尾款", "佣金分成", "",       "月度账单", "保洁费",   "宽带费",
};

static const char *const cards[] = {"6222", "6217", "6228", "6214"};

/* Traps in the memo; the reader who takes lines for records counts the last one. */
static const char *const memo_traps[] = {
    "客服备注：解密服务初始化失败，已重试成功",
    "\"客户称\"\"解密服务初始化失败\"\",已回访\"",
    "\"对手方曾显示" ERROR_TEXT ",人工更正\"",
    "\"重推原单：\nB202302080000042,2023-02-08,M100042,6222****0000," ERROR_TEXT
    ",6217****1111,10.00,0.06,SUCCESS,重推\"",
};

struct bills {
    FILE *out;
    uint64_t state; /* of the generator, never 0 */
    size_t used;
    char buffer[BUFFER_SIZE];
};

/* xorshift64 (Marsaglia 2003, shifts 13 7 17); the upper half is the better one. */
static uint32_t draw(struct bills *b, uint32_t below)
{
    uint64_t x = b->state;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    b->state = x;
    return (uint32_t)((x >> 32) * below >> 32);
}

#define COUNT(table) ((uint32_t)(sizeof(table) / sizeof(table)[0]))
#define DRAW(b, table) ((table)[draw(b, COUNT(table))])

static void text_put(struct bills *b, const char *text)
{
    size_t n = strlen(text);

    memcpy(b->buffer + b->used, text, n);
    b->used += n;
}

static void byte_put(struct bills *b, char c)
{
    b->buffer[b->used++] = c;
}

static void digits_put(struct bills *b, uint32_t n, unsigned width)
{
    unsigned i;

    for (i = width; i-- > 0; n /= 10)
        b->buffer[b->used + i] = (char)('0' + n % 10);
    b->used += width;
}

static void money_put(struct bills *b, uint32_t cents)
{
    uint32_t units = cents / 100, rest = units;
    unsigned width = 1;

    while (rest >= 10) {
        rest /= 10;
        width++;
    }
    digits_put(b, units, width);
    byte_put(b, '.');
    digits_put(b, cents % 100, 2);
}

static void account_put(struct bills *b)
{
    text_put(b, DRAW(b, cards));
    text_put(b, "****");
    digits_put(b, draw(b, 10000), 4);
}

static void company_put(struct bills *b)
{
    text_put(b, DRAW(b, places));
    text_put(b, DRAW(b, words));
    text_put(b, DRAW(b, trades));
    text_put(b, DRAW(b, forms));
}

/* A good counterparty: of 1,000 about 940 plain names, the rest traps. */
static void counterparty_put(struct bills *b)
{
    uint32_t kind = draw(b, 1000);

    if (kind < 2) {
        text_put(b, DRAW(b, near_misses));
    } else if (kind < 12) {
        text_put(b, "\\N");
    } else if (kind < 22) {
        return; /* empty, which is not NULL */
    } else if (kind < 42) {
        byte_put(b, '"');
        company_put(b);
        text_put(b, ",第");
        digits_put(b, draw(b, 90) + 10, 2);
        text_put(b, "分部\"");
    } else if (kind < 52) {
        text_put(b, "\"\"\"");
        text_put(b, DRAW(b, words));
        text_put(b, "\"\"老店\"");
    } else if (kind < 57) {
        byte_put(b, '"');
        text_put(b, DRAW(b, places));
        byte_put(b, '\n');
        text_put(b, DRAW(b, words));
        text_put(b, "分店\"");
    } else if (kind < 80) {
        byte_put(b, '"');
        company_put(b);
        byte_put(b, '"');
    } else if (kind < 380) {
        text_put(b, "租客");
        text_put(b, DRAW(b, stems));
        text_put(b, DRAW(b, branches));
        digits_put(b, draw(b, 1000), 3);
    } else {
        company_put(b);
    }
}

static void memo_put(struct bills *b, bool affected)
{
    uint32_t kind = draw(b, 2000);

    if (kind < 4 && !affected) {
        text_put(b, memo_traps[kind]);
    } else if (kind < 20) {
        text_put(b, "\"分两次支付\n第二次\"");
    } else {
        text_put(b, DRAW(b, memos));
        if (kind < 1200) {
            text_put(b, " 合同");
            digits_put(b, draw(b, 1000000), 6);
        }
    }
}

static void row_put(struct bills *b, const struct day *day, uint32_t number,
                    bool affected)
{
    uint32_t status = draw(b, 100);
    uint32_t cents = draw(b, 2000000); /* in two steps: the order of draws is fixed */
    bool refund = status < 3;

    cents = (cents >> draw(b, 9)) + 1; /* small amounts are the many */
    byte_put(b, 'B');
    text_put(b, day->digits);
    digits_put(b, number, 7);
    byte_put(b, ',');
    text_put(b, day->date);
    text_put(b, ",M");
    digits_put(b, 100000 + draw(b, MERCHANTS), 6);
    byte_put(b, ',');
    account_put(b);
    byte_put(b, ',');
    if (affected)
        text_put(b, draw(b, 3) == 0 ? "\"" ERROR_TEXT "\"" : ERROR_TEXT);
    else
        counterparty_put(b);
    byte_put(b, ',');
    account_put(b);
    text_put(b, refund ? ",-" : ",");
    money_put(b, cents);
    byte_put(b, ',');
    money_put(b, refund ? 0 : cents * 6 / 1000);
    text_put(b, refund        ? ",REFUND,"
                : status < 5  ? ",PENDING,"
                : status == 5 ? ",FAILED,"
                              : ",SUCCESS,");
    memo_put(b, affected);
    byte_put(b, '\n');
}

static void flush(struct bills *b)
{
    fwrite(b->buffer, 1, b->used, b->out);
    b->used = 0;
}

void tw_demo_bills_write(FILE *out, const struct tw_demo_plan *plan)
{
    struct bills b;
    size_t i;

    (void)plan;
    b.out = out;
    b.state = 0x20230209a1b2c3d5u;
    b.used = 0;
    text_put(&b, "bill_id,bill_date,merchant_id,account_no,counterparty,"
                 "counterparty_account,amount,fee,status,memo\n");
    for (i = 0; i < COUNT(days); i++) {
        uint32_t wanted = days[i].affected, row;

        for (row = 0; row < ROWS_A_DAY; row++) {
            bool affected = draw(&b, ROWS_A_DAY - row) < wanted;

            wanted -= affected;
            if (b.used > BUFFER_SIZE - ROW_MAX) {
                flush(&b);
                if (ferror(out))
                    return;
            }
            row_put(&b, &days[i], row + 1, affected);
        }
    }
    flush(&b);
}
