/**
 * Backups of tables and their restoring: a client of the cluster, of which it needs {@code aitta.v1.Backup} and the SDK, and
 * files in a directory that say by themselves whether they are whole. docs/BACKUP.md tells how to use it, and its limits.
 */
package io.aitta.backup;
