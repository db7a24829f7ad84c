package io.aitta.multijvm;

import io.aitta.cli.Aitta;
import io.aitta.journal.PowerCutFilePath;

/** {@code aitta} on a disk that loses what was not forced when the process is killed: {@code aitta.journal.url-prefix}. */
final class PowerCutNode {
    private PowerCutNode() {}

    public static void main(String[] words) {
        PowerCutFilePath.register();
        Aitta.main(words);
    }
}
