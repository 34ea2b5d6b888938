/* SPDX-License-Identifier: Apache-2.0 */
/* The languages of user-facing text. */
#ifndef TW_LANG_H
#define TW_LANG_H

enum tw_lang { TW_LANG_EN, TW_LANG_ZH, TW_LANG_COUNT };

#endif
