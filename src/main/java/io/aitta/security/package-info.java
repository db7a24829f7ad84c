/**
 * Who may do what, by which token, over which connections: the hashed tokens and their roles, the audit log, TLS for the
 * node's three ports, and the rule that nothing is opened to other machines unless it is protected. The doors ask; nothing
 * here knows of gRPC or HTTP.
 */
package io.aitta.security;
