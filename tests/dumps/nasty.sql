-- One table with what breaks readers of dumps, beside tables that must not be counted.
CREATE DATABASE pay CHARACTER SET utf8mb4;
USE pay;
CREATE TABLE bill (
  id bigint unsigned NOT NULL PRIMARY KEY COMMENT 'quotes '' and (brackets',
  merchant_id varchar(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  counterparty varchar(255) DEFAULT NULL,
  mobile varchar(64) DEFAULT NULL,
  amount decimal(18,2) DEFAULT NULL,
  flags bit(8) DEFAULT NULL,
  enc varbinary(64) DEFAULT NULL,
  memo text DEFAULT NULL,
  channel enum('WX','ALI','it''s, (a)') DEFAULT NULL,
  created_at datetime(6) DEFAULT NULL,
  upd timestamp NULL DEFAULT NULL,
  gen varchar(40) AS (concat('m', merchant_id)) VIRTUAL,
  KEY by_merchant (merchant_id)
) ENGINE=InnoDB;
CREATE TABLE log (id int AUTO_INCREMENT PRIMARY KEY, counterparty varchar(255));
CREATE TABLE `a``b.c` (`x``y` int);
CREATE VIEW bill_view AS SELECT id, counterparty FROM bill;
SET @m = '【解密服务初始化失败，请联系加解密管理员】';
INSERT INTO bill (id, merchant_id, counterparty, mobile, amount, flags, enc, memo,
                  channel, created_at, upd) VALUES
 (1, 'M001', '张三', '13800138000', 100.00, b'00000101', x'00FF0A0D1A5C2722',
  'line1\nline2\ttab\\back\'q\"dq', 'WX', '2023-02-09 00:00:01.123456',
  '2023-02-09 00:00:02'),
 (2, 'M001', @m, NULL, -0.01, b'0', NULL, NULL, NULL, '2023-02-09 10:00:00',
  '2023-02-15 01:00:00'),
 (3, 'M002', '😀;),( INSERT INTO', 'U2FsdGVkX1+abc=', 9999999999999999.99,
  b'11111111', x'', concat('nul', char(0), 'sub', char(26), 'end\r\n'), 'it''s, (a)',
  '2023-02-12 23:59:59', NULL),
 (4, 'M002', '', 'NULL', NULL, NULL, x'41', '\\N', 'ALI', NULL, NULL),
 (5, 'm002', 'NULL', '', 0.00, b'00100111', x'27', @m, 'ALI', '2023-02-10 00:00:00',
  '2023-02-09 23:59:59'),
 (6, 'M002 ', concat('x', @m, '\''), '\\', -12.50, b'01011100', x'5C', concat(
  ''');,(99,''', @m, ''');\nINSERT INTO `bill` VALUES (99,''x'',''', @m, ''')'), 'WX',
  '2023-02-10 12:00:00', '2023-02-10 16:30:00'),
 (7, '', NULL, '\\\\', 1.10, NULL, x'E5', '-- Dump completed', NULL,
  '2023-02-09 23:59:59.999999', '2023-02-10 00:00:00'),
 (8, '誠東', '誠\\', 'a''b', 2.20, NULL, x'0D0A', '/* it''s */ # -- \r\n', 'WX',
  '2023-02-11 01:02:03', '2023-02-10 17:00:00'),
 (9, 'tab\there', concat(@m, '\n'), '`"', 3.30, NULL, NULL, '<a>&amp;]]>', 'WX',
  '2023-02-11 01:02:03', '2023-02-11 15:59:59');
INSERT INTO bill (id, merchant_id, counterparty, mobile, amount, flags, enc, memo,
                  channel, created_at, upd)
 SELECT 1000 + seq, concat('M', seq * 7919 % 211),
        CASE WHEN seq % 83 = 0 THEN @m WHEN seq % 97 = 0 THEN NULL
             ELSE elt(1 + seq % 4, '李四', '北京\n公司', 'O\'Neil, "Ltd."', '') END,
        elt(1 + seq % 3, '13900000000', NULL, '\\'),
        round((CAST(seq AS signed) * 7907 % 100003 - 5000) / 7, 2), seq % 256,
        unhex(sha1(seq)), elt(1 + seq % 5, NULL, '),(', '\';', @m, repeat('长', 200)),
        elt(1 + seq % 3, 'WX', 'ALI', NULL),
        '2023-02-09 00:00:00' + INTERVAL seq * 37 % 5760 MINUTE,
        '2023-02-09 00:00:00' + INTERVAL seq * 41 % 5760 MINUTE
 FROM seq_1_to_20000;
INSERT INTO log (counterparty) SELECT counterparty FROM bill WHERE id < 1100;
INSERT INTO `a``b.c` VALUES (1), (2);
DELIMITER //
CREATE TRIGGER bill_log AFTER INSERT ON bill FOR EACH ROW
BEGIN
  INSERT INTO log (counterparty) VALUES (concat(NEW.counterparty, ''';),('));
END //
CREATE PROCEDURE p() COMMENT 'it''s'
BEGIN
  INSERT INTO bill (id) VALUES (98); -- it's ;
END //
DELIMITER ;
