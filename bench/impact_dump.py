# SPDX-License-Identifier: Apache-2.0
# A dump of bills for benches: impact_dump.py ROWS AFFECTED > bills.csv
import random
import sys

rows, wrong = int(sys.argv[1]), int(sys.argv[2])
random.seed(20230209)
names = ["北京某某房地产经纪有限公司", "张三", "上海某某", "王小明", "Example Co",
         "某某找房（北京）科技有限公司"]
bad = set(random.sample(range(rows), wrong))
out = open(sys.stdout.fileno(), "w", encoding="utf-8", newline="", buffering=1 << 20)
out.write("bill_id,bill_date,merchant_id,account_no,counterparty,"
          "counterparty_account,amount,fee,status,memo\n")
for i in range(rows):
    party = "解密服务初始化失败" if i in bad else names[i % 6]
    memo = "服务费 batch %d room %d" % (i // 1000, i % 90)
    if i % 97 == 0:
        memo = '"a ""quoted"" memo, over\ntwo lines: 解密服务初始化失败"'
    elif i % 5 == 0:
        memo = ""
    out.write("B%010d,2023-02-%02d,M%05d,6222%012d,%s,62284800%09d,%d.%02d,0.%02d,%s,%s\n"
              % (i, 9 + i * 4 // rows, random.randrange(21000), i * 7, party,
                 i * 13 % 10**9, random.randrange(99999), i % 100, i % 100,
                 "SETTLED", memo))
