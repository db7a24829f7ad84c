package io.aitta.core.replication;

/** One position of the log: the term in which a primary gave it out, and what it holds. */
public record Entry(LogIndex index, Term term, Command command) {}
