/**
 * Tables into files and back: {@link io.aitta.transfer.TableExport} and {@link io.aitta.transfer.TableImport}, over rows as
 * {@link io.aitta.transfer.RowFormat} writes them. Both hold a limited number of rows at a time, and note in a file beside
 * the data how far they are, so that they can go on there.
 */
package io.aitta.transfer;
