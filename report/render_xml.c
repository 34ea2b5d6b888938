/* SPDX-License-Identifier: Apache-2.0 */
/* The answers that have a form in XML (a policy in its neutral form), as they are. */
#include "renderer.h"

static void render(const struct tw_doc *doc, const struct tw_render_options *options,
                   struct tw_buf *out)
{
    (void)options;
    tw_buf_str(out, doc->xml);
}

const struct tw_renderer tw_renderer_xml = {
    .name = "xml",
    .summary = {"a policy as neutral XML, which is read again (of `show` alone)",
                "中立 XML 格式的策略，可再次读取（仅用于 `show`）"},
    .render = render};
