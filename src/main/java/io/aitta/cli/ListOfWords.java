package io.aitta.cli;

import java.util.Iterator;
import java.util.List;

/** The words an option takes, for completion; picocli makes it by its class. */
abstract class ListOfWords implements Iterable<String> {
    private final List<String> words;

    ListOfWords(List<String> words) {
        this.words = words;
    }

    @Override
    public final Iterator<String> iterator() {
        return words.iterator();
    }
}
