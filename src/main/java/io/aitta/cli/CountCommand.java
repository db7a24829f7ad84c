package io.aitta.cli;

import io.aitta.client.KeyCount;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Prints about how much there is. */
@Command(
        name = "count",
        description = {
            "Prints about how many keys there are in a table, or in a part of it, and how large they are.",
            "",
            "As 'KEYS keys, BYTES bytes', with 'about' before it if that is estimated. The bytes are those of keys and "
                    + "values, without overhead and copies. A range by --tag is refused; give a prefix that contains "
                    + "it."
        },
        footer = {
            "",
            "JSON: {\"keys\",\"bytes\",\"exact\"}",
            "",
            "Examples:",
            "  aitta count",
            "  aitta -t users count --prefix user:",
            "  aitta -o json count | jq .keys"
        })
final class CountCommand extends ClusterCommand {
    @Mixin
    private RangeMixin range;

    @Mixin
    private ReadMixin reads;

    @Override
    public Integer call() {
        KeyCount count = reads.over(table()).blocking().count(range.range());
        return answer(
                (count.exact() ? "" : "about ") + count.keys() + " keys, " + count.bytes() + " bytes",
                Answers.object()
                        .put("keys", count.keys())
                        .put("bytes", count.bytes())
                        .put("exact", count.exact()));
    }
}
