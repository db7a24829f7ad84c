/**
 * Looks at the data of a node that is not running, and names what is damaged. Writes nothing, and refuses what a running
 * node uses.
 */
package io.aitta.inspect;
